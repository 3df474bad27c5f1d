import type { Row } from '../records/row'
import { countRows } from './gap'

/** Rows above the limit before the oldest are given up: in runs, it costs little. */
const DROP_RUN = 1_000

/** What a pause held back, when it ends. */
export interface Held {
  rows: Row[]
  /** Records that did not fit; they came before `rows`. */
  dropped: number
  /** `dropped` counts records that match only. */
  exact: boolean
  /** Where the stream stands after the last row; undefined when nothing came. */
  cursor: string | undefined
}

/** Keeps the newest rows that come during a pause, and counts the others. */
export class PauseBuffer {
  #rows: Row[] = []
  #dropped = 0
  #exact = true
  #cursor: string | undefined

  constructor(readonly limit: number) {}

  /** Records that wait, those counted only among them. */
  get records(): number {
    return this.#dropped + countRows(this.#rows)
  }

  add(rows: readonly Row[], cursor: string): void {
    this.#cursor = cursor
    for (const row of rows) this.#rows.push(row)
    const over = this.#rows.length - this.limit
    if (over <= DROP_RUN) return
    const gone = this.#rows.splice(0, over)
    this.#dropped += countRows(gone)
    this.#exact &&= gone.every((row) => row.kind === 'record' || row.matching)
  }

  /** Empties it. */
  take(): Held {
    const held = { rows: this.#rows, dropped: this.#dropped, exact: this.#exact, cursor: this.#cursor }
    this.#rows = []
    this.#dropped = 0
    this.#exact = true
    this.#cursor = undefined
    return held
  }
}
