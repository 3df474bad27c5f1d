import { errorText, fetchLevels, putLevel } from '../lib/api'
import type { LoggerLevel } from '../lib/wire.gen'

/** How long a change holds: "" is until it is taken back. */
export const HOLDS = [
  { value: '10m', text: 'for 10 min' },
  { value: '1h', text: 'for 1 hour' },
  { value: '', text: 'until reset' },
] as const

/** After a level's time the server needs a moment to take it back. */
const GRACE_MS = 200

/** The levels of the program's loggers, as long as somebody looks at them. */
export class LevelsState {
  list = $state.raw<readonly LoggerLevel[] | undefined>()
  error = $state<string | undefined>()
  hold = $state<string>(HOLDS[0].value)

  #timer: ReturnType<typeof setTimeout> | undefined

  async load(): Promise<void> {
    await this.#take(fetchLevels())
  }

  async set(logger: string, level: string): Promise<void> {
    await this.#take(putLevel({ logger, level, ...(this.hold !== '' && { for: this.hold }) }))
  }

  async reset(logger: string): Promise<void> {
    await this.#take(putLevel({ logger, level: null }))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  async #take(answer: Promise<{ levels: LoggerLevel[] }>): Promise<void> {
    try {
      this.list = (await answer).levels
      this.error = undefined
    } catch (error) {
      this.error = errorText(error)
      // A select shows what was chosen: a new list shows what is.
      this.list = this.list && [...this.list]
    }
    this.#await()
  }

  // Looks again when the first level comes back by itself.
  #await(): void {
    clearTimeout(this.#timer)
    const ends = (this.list ?? []).flatMap((rule) => (rule.until === undefined ? [] : [Date.parse(rule.until)]))
    if (ends.length === 0) return
    this.#timer = setTimeout(() => void this.load(), Math.max(0, Math.min(...ends) - Date.now()) + GRACE_MS)
  }
}
