import type { LogRecord } from '../wire.gen'

/**
 * A row of the list. `key` names it for as long as it exists; the id of a record
 * would do, but a server that repeats an id must not break the page.
 */
export type Row = RecordRow | GapRow

export interface RecordRow {
  readonly kind: 'record'
  readonly key: number
  /** Its place in the order: the id of the first record that it stands for. */
  readonly at: string
  /** What it shows: the newest of the records that it stands for. */
  readonly record: LogRecord
  /** Further records that it stands for: a live row takes in what comes after the first. */
  readonly updates: number
  /** Bytes of its JSON, near enough: frames are measured as a whole. */
  readonly size: number
}

export type GapReason = 'slow' | 'replay' | 'evicted' | 'page' | 'restart' | string

/** Records that are declared but not shown. Never changed: a new row replaces it. */
export interface GapRow {
  readonly kind: 'gap'
  readonly key: number
  /** How many; `undefined` when nobody knows. */
  readonly skipped: number | undefined
  /** Cursors or ids to search between; no `after` means from the beginning. */
  readonly after: string | undefined
  readonly before: string
  readonly reason: GapReason
  /** A search still finds them. */
  readonly stored: boolean
  /** `skipped` counts records that match only, not all. */
  readonly matching: boolean
  readonly state: 'idle' | 'loading' | 'failed'
  readonly error?: string
}

/** Gives rows their keys. One per page. */
export class RowMaker {
  #last = 0

  records(records: readonly LogRecord[], bytes: number): RecordRow[] {
    const size = records.length > 0 ? bytes / records.length : 0
    return records.map((record) => ({ kind: 'record', key: ++this.#last, at: record.id, record, updates: 0, size }))
  }

  gap(gap: Omit<GapRow, 'kind' | 'key' | 'state'>): GapRow {
    return { kind: 'gap', key: ++this.#last, state: 'idle', ...gap }
  }
}

/** Orders ids: decimal numbers of up to 63 bits as text. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
