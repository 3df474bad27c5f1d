import { parseExact } from '../records/exact'
import type { Gap, LogRecord, Ping } from '../wire.gen'

/** What LiveStream needs of an EventSource. */
export interface EventSourceLike {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

export interface StreamHandlers {
  records(records: LogRecord[], bytes: number, cursor: string): void
  gap(gap: Gap, cursor: string): void
  /** `first` is the first of a connection that began without a cursor. */
  ping(ping: Ping, first: boolean): void
  /** A connection opened: the counts of pings begin anew. */
  opened(): void
  phase(phase: Phase): void
  /**
   * A connection with a cursor failed before it opened. Resolves to true when the
   * server does not take the cursor: the stream then begins anew.
   */
  rejects(cursor: string): Promise<boolean>
}

export interface StreamOptions {
  /** The stream's address; `after` is where to resume, `replay` how much to send at most. */
  url(after: string | undefined, replay: number): string
  connect(url: string): EventSourceLike
  now(): number
}

export type Phase =
  | { kind: 'closed' }
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** Waiting until the next try; `offline` after several in vain. */
  | { kind: 'waiting'; until: number; offline: boolean }

/** Records that a new page begins with: two or three screens. */
export const FIRST_REPLAY = 500

/** The most that a page catches up on after an interruption; the rest is a gap to load. */
export const RESUME_REPLAY = 10_000

const FIRST_DELAY_MS = 1_000
const MAX_DELAY_MS = 15_000
const OFFLINE_AFTER = 4

/** The server pings every 15 s at least: silence of more than two pings is a dead connection. */
export const SILENCE_MS = 40_000

/**
 * One live connection that comes back. It reconnects itself instead of leaving it
 * to EventSource, which gives up for good on the first answer that is not 200 and
 * tells nobody when it will try again; it resumes after the last cursor.
 */
export class LiveStream {
  readonly #options: StreamOptions
  readonly #on: StreamHandlers
  #source: EventSourceLike | undefined
  #cursor: string | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #isOpen = false
  #fresh = true
  #generation = 0

  constructor(options: StreamOptions, handlers: StreamHandlers) {
    this.#options = options
    this.#on = handlers
  }

  /** Begins, or begins anew without a cursor (another query). */
  start(): void {
    this.#cursor = undefined
    this.#failures = 0
    this.#connect()
  }

  /** Ends the wait for the next try. */
  retryNow(): void {
    if (this.#retry !== undefined) this.#connect()
  }

  stop(): void {
    this.#drop()
    this.#on.phase({ kind: 'closed' })
  }

  #drop(): void {
    this.#generation++
    clearTimeout(this.#retry)
    clearTimeout(this.#silence)
    this.#retry = undefined
    this.#source?.close()
    this.#source = undefined
    this.#isOpen = false
  }

  #connect(): void {
    this.#drop()
    const generation = this.#generation
    // Events of a connection that was given up may still be queued.
    const live = <T>(fn: (event: T) => void) => (event: T) => {
      if (generation === this.#generation) fn(event)
    }
    this.#fresh = this.#cursor === undefined
    this.#on.phase({ kind: 'connecting' })
    const source = this.#options.connect(
      this.#options.url(this.#cursor, this.#fresh ? FIRST_REPLAY : RESUME_REPLAY),
    )
    this.#source = source
    source.addEventListener('open', live(() => this.#opened()))
    source.addEventListener('error', live(() => void this.#failed()))
    source.addEventListener('record', live((event) => {
      this.#heard(event)
      this.#on.records(parseExact(event.data) as LogRecord[], event.data.length, event.lastEventId)
    }))
    source.addEventListener('gap', live((event) => {
      this.#heard(event)
      this.#on.gap(JSON.parse(event.data) as Gap, event.lastEventId)
    }))
    source.addEventListener('ping', live((event) => {
      this.#heard(event)
      const first = this.#fresh
      this.#fresh = false
      this.#on.ping(JSON.parse(event.data) as Ping, first)
    }))
    this.#listen()
  }

  #opened(): void {
    this.#isOpen = true
    this.#failures = 0
    this.#on.opened()
    this.#on.phase({ kind: 'live' })
    this.#listen()
  }

  #heard(event: MessageEvent<string>): void {
    if (event.lastEventId) this.#cursor = event.lastEventId
    this.#listen()
  }

  #listen(): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => void this.#failed(), SILENCE_MS)
  }

  async #failed(): Promise<void> {
    const refused = !this.#isOpen ? this.#cursor : undefined
    this.#drop()
    const generation = this.#generation
    const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures)
    this.#failures++
    this.#on.phase({
      kind: 'waiting',
      until: this.#options.now() + delay,
      offline: this.#failures >= OFFLINE_AFTER,
    })
    this.#retry = setTimeout(() => this.#connect(), delay)
    if (refused !== undefined && (await this.#on.rejects(refused)) && generation === this.#generation) {
      this.#cursor = undefined
      this.#connect()
    }
  }
}
