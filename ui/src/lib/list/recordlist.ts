import { compareIds, RowMaker, type GapRow, type Row } from '../records/row'
import { RowStore } from '../records/rowstore'
import type { Gap, LogRecord, Page } from '../wire.gen'
import { afterLoad, countRows } from './gap'
import { collapse, LiveRows } from './liverows'
import { PauseBuffer } from './pausebuffer'
import { Viewport } from './viewport'

/** Limits of what a page keeps; fields left out take the defaults. */
export interface Limits {
  /** Rows in the list. 100,000 rows of 24 px are 2.4 million px: far below where browsers stop. */
  rows: number
  /** Bytes of JSON in the list: a tab above about 1 GB of heap gets killed, and objects cost some 3 times their JSON. */
  bytes: number
  /** Rows kept while paused. */
  buffer: number
}

export const DEFAULT_LIMITS: Limits = { rows: 100_000, bytes: 256 << 20, buffer: 20_000 }

/** Rows above the limit before any leave: dropping in runs keeps a full list cheap. */
const TRIM_RUN = 1_000

/** Rows above the visible ones that stay while somebody reads there. */
const READ_MARGIN = 500

/** Row 0 of the viewport tells what is older than the list. */
export const HEAD_ROWS = 1

/** What is known about records older than the list. */
export type Older =
  | { state: 'unknown' }
  | { state: 'more' | 'loading'; before: string; scannedUntil?: string }
  | { state: 'failed'; before: string; error: string }
  | { state: 'end'; evicted: boolean }

/**
 * The list that a reader sees: rows in the order of commits and the viewport over
 * them. It decides what leaves when the list is full, and turns everything that
 * it does not keep into a gap row, so that shown + declared = received.
 *
 * It has no timers and makes no requests: the caller feeds it frames and pages.
 */
export class RecordList {
  readonly store = new RowStore()
  readonly viewport = new Viewport()
  older: Older = { state: 'unknown' }
  /** Records that came since the reader left the end. */
  fresh = 0
  paused = false
  /** Records that came twice and were shown once. */
  duplicates = 0

  readonly #limits: Limits
  readonly #maker = new RowMaker()
  readonly #buffer: PauseBuffer
  readonly #live = new LiveRows(this.store)
  #cursor: string | undefined
  #restarted = false

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits }
    this.#buffer = new PauseBuffer(this.#limits.buffer)
    this.#changed(0, 0)
  }

  /** Records that wait behind the pause. */
  get buffered(): number {
    return this.#buffer.records
  }

  /** The newest rows were given up for the ones being read: only a new stream shows the end. */
  get held(): boolean {
    return this.#heldGap() !== undefined
  }

  reset(): void {
    this.store.clear()
    this.#live.clear()
    this.older = { state: 'unknown' }
    this.fresh = 0
    this.paused = false
    this.duplicates = 0
    this.#buffer.take()
    this.#cursor = undefined
    this.#restarted = false
    this.viewport.following = true
    this.#changed(0, 0)
  }

  addRecords(records: readonly LogRecord[], bytes: number, cursor: string): void {
    const known = this.duplicates
    const rows: Row[] = this.#maker.records(this.#unseen(records), bytes)
    const first = rows[0]
    if (this.#restarted && first?.kind === 'record') {
      this.#restarted = false
      const last = this.store.lastRecord()
      if (last && this.duplicates === known && compareIds(last.at, first.at) < 0) {
        rows.unshift(this.#pageGap('restart', undefined, last.at, first.at))
      }
    }
    this.#arrive(rows, cursor)
  }

  addGap(gap: Gap, cursor: string): void {
    this.#arrive([this.#maker.gap({ ...gap, matching: false })], cursor)
  }

  /** The stream had to begin anew: what lies between is a gap, if it does not join. */
  restarted(): void {
    this.#restarted = true
  }

  /** The stream's first ping tells what is older than its replay. */
  setOlder(before: string | undefined): void {
    if (this.older.state !== 'unknown') return
    this.older = before === undefined ? { state: 'end', evicted: false } : { state: 'more', before }
  }

  /** Returns where to search for older records, once; undefined when there is nothing to do. */
  startOlder(): string | undefined {
    if (this.older.state !== 'more' && this.older.state !== 'failed') return undefined
    const before = this.older.before
    this.older = { state: 'loading', before }
    return before
  }

  /** A page of older records, newest first, as `before` asked for. */
  addOlder(page: Page, bytes: number): void {
    if (this.older.state !== 'loading') return
    const rows = collapse(this.#maker.records([...page.records].reverse(), bytes))
    this.store.prepend(rows)
    if (page.next !== undefined) {
      this.older = { state: 'more', before: page.next }
      if (page.reason === 'deadline' && page.scanned_until) this.older.scannedUntil = page.scanned_until
    } else {
      this.older = { state: 'end', evicted: page.reason === 'evicted' }
    }
    this.#changed(0, rows.length)
    this.#trimBack()
  }

  failOlder(error: string): void {
    if (this.older.state === 'loading') this.older = { state: 'failed', before: this.older.before, error }
  }

  /** Marks a gap as being loaded and returns it as asked for. */
  startGap(key: number): GapRow | undefined {
    const index = this.store.indexOfKey(key)
    const row = this.store.at(index)
    if (row?.kind !== 'gap' || !row.stored || row.state === 'loading') return undefined
    const asked: GapRow = { ...row, state: 'loading', error: undefined }
    this.store.replace(index, [asked])
    return asked
  }

  /** A page of what `asked` skipped, oldest first. `filtered`: the query leaves records out. */
  fillGap(asked: GapRow, page: Page, bytes: number, filtered: boolean): void {
    const index = this.store.indexOfKey(asked.key)
    const row = this.store.at(index)
    if (row?.kind !== 'gap') return
    const rows = collapse(this.#maker.records(page.records, bytes))
    const rest = afterLoad(asked, row, page, filtered)
    if (rest) rows.push(rest)
    this.store.replace(index, rows)
    this.#changed(HEAD_ROWS + index, rows.length - 1)
    this.#trim()
  }

  failGap(key: number, error: string): void {
    const index = this.store.indexOfKey(key)
    const row = this.store.at(index)
    if (row?.kind === 'gap') this.store.replace(index, [{ ...row, state: 'failed', error }])
  }

  pause(): void {
    this.paused = true
  }

  /** Shows what came during the pause, and follows. */
  resume(): void {
    if (!this.paused) return
    this.paused = false
    const { rows, dropped, exact, cursor } = this.#buffer.take()
    if (dropped > 0) {
      const first = rows.find((row) => row.kind === 'record')
      const before = first?.kind === 'record' ? first.at : (cursor ?? '')
      const after = this.#cursor ?? this.store.lastRecord()?.at
      rows.unshift({ ...this.#pageGap('page', dropped, after, before), matching: exact })
    }
    this.viewport.following = true
    this.#append(rows, cursor ?? this.#cursor ?? '')
    this.follow()
  }

  follow(): void {
    this.fresh = 0
    this.viewport.follow()
  }

  #arrive(rows: Row[], cursor: string): void {
    if (this.paused) this.#buffer.add(rows, cursor)
    else this.#append(rows, cursor)
  }

  #append(rows: readonly Row[], cursor: string): void {
    this.#cursor = cursor
    if (rows.length === 0) return
    const held = this.#heldGap()
    if (held) {
      const skipped = (held.skipped ?? 0) + countRows(rows)
      const matching = held.matching && rows.every((row) => row.kind === 'record')
      this.store.replace(this.store.length - 1, [{ ...held, skipped, matching, before: cursor }])
      this.fresh += countRows(rows)
      return
    }
    const added = this.#live.take(rows)
    this.store.append(added)
    if (!this.viewport.following) this.fresh += countRows(added)
    this.#changed(HEAD_ROWS + this.store.length - added.length, added.length)
    this.#trim()
  }

  // The oldest leave, unless somebody reads there: then the newest do, into a gap
  // that grows with what arrives.
  #trim(): void {
    const over = this.#over()
    if (over === 0) return
    const { following, firstVisible } = this.viewport
    const free = following ? over : Math.max(0, firstVisible - HEAD_ROWS - READ_MARGIN)
    let front = Math.min(over, free)
    // A gap at the front would overlap what history loads.
    while (front > 0 && this.store.at(front)?.kind === 'gap') front++
    if (front > 0) {
      const gone = this.store.dropFront(front).length
      const first = this.store.firstRecord()
      if (first) this.older = { state: 'more', before: first.at }
      this.#changed(0, -gone)
    }
    this.#trimBack()
  }

  #trimBack(): void {
    const over = this.#over()
    if (over === 0) return
    const gone = this.store.dropBack(over)
    const last = this.store.lastRecord()
    const gap = this.#pageGap('page', countRows(gone), last?.at, this.#cursor ?? '')
    const exact = gone.every((row) => row.kind === 'record' || row.matching)
    this.store.append([{ ...gap, matching: exact }])
    this.#changed(HEAD_ROWS + this.store.length, 0)
  }

  // How many rows are too many; zero until a run of them is.
  #over(): number {
    const rows = this.store.length - this.#limits.rows
    const byRows = rows > Math.min(TRIM_RUN, this.#limits.rows) ? rows : 0
    const heavy = this.store.bytes - this.#limits.bytes
    if (heavy <= 0 || this.store.length <= 1) return byRows
    let count = 0
    for (let left = heavy; left > 0 && count < this.store.length - 1; count++) {
      const row = this.store.at(count)
      left -= row?.kind === 'record' ? row.size : 0
    }
    return Math.max(byRows, count)
  }

  #heldGap(): GapRow | undefined {
    const last = this.store.at(this.store.length - 1)
    return last?.kind === 'gap' && last.reason === 'page' ? last : undefined
  }

  #pageGap(reason: string, skipped: number | undefined, after: string | undefined, before: string): GapRow {
    return this.#maker.gap({ skipped, after, before, reason, stored: true, matching: true })
  }

  // Streams promise each record once; one that comes twice is told, not shown.
  #unseen(records: readonly LogRecord[]): readonly LogRecord[] {
    const last = this.store.lastRecord()?.at
    if (last === undefined || records.length === 0) return records
    if (compareIds((records[0] as LogRecord).id, last) > 0) return records
    const unseen = records.filter((record) => !this.store.hasId(record.id))
    this.duplicates += records.length - unseen.length
    return unseen
  }

  #changed(index: number, delta: number): void {
    this.viewport.changed(HEAD_ROWS + this.store.length, index, delta)
  }
}
