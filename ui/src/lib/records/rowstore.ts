import { levelOf, type Level } from '../format/level'
import { compareIds, type RecordRow, type Row } from './row'

/**
 * Rows in the order of commits, with cheap ends: live records arrive at the back,
 * the oldest leave and history enters at the front. It does not decide what
 * leaves; RecordList does. Rows are plain objects that nobody changes.
 */
export class RowStore {
  #rows: Row[] = []
  #head = 0
  #records = 0
  #bytes = 0
  #levels = new Map<Level, number>()

  get length(): number {
    return this.#rows.length - this.#head
  }

  /** The number of records that rows stand for. */
  get records(): number {
    return this.#records
  }

  get bytes(): number {
    return this.#bytes
  }

  levelCount(level: Level): number {
    return this.#levels.get(level) ?? 0
  }

  at(index: number): Row | undefined {
    return index < 0 ? undefined : this.#rows[this.#head + index]
  }

  slice(start: number, end: number): Row[] {
    return this.#rows.slice(this.#head + Math.max(0, start), this.#head + Math.max(0, end))
  }

  append(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.push(row)
    this.#count(rows, 1)
  }

  prepend(rows: readonly Row[]): void {
    this.#rows = [...rows, ...this.#rows.slice(this.#head)]
    this.#head = 0
    this.#count(rows, 1)
  }

  /** Puts rows in the place of the row at index. */
  replace(index: number, rows: readonly Row[]): void {
    const old = this.#rows[this.#head + index]
    if (old === undefined) return
    this.#rows = [
      ...this.#rows.slice(this.#head, this.#head + index),
      ...rows,
      ...this.#rows.slice(this.#head + index + 1),
    ]
    this.#head = 0
    this.#count([old], -1)
    this.#count(rows, 1)
  }

  /** Puts a row in the place of the row at index, which costs the same however long the list is. */
  set(index: number, row: Row): void {
    const old = this.at(index)
    if (old === undefined) return
    this.#rows[this.#head + index] = row
    this.#count([old], -1)
    this.#count([row], 1)
  }

  dropFront(n: number): Row[] {
    const dropped = this.slice(0, n)
    this.#rows.fill(undefined as unknown as Row, this.#head, this.#head + dropped.length)
    this.#head += dropped.length
    // Compacting when half is dead keeps the cost of a drop constant on average.
    if (this.#head * 2 > this.#rows.length) {
      this.#rows = this.#rows.slice(this.#head)
      this.#head = 0
    }
    this.#count(dropped, -1)
    return dropped
  }

  dropBack(n: number): Row[] {
    const dropped = this.#rows.splice(Math.max(this.#head, this.#rows.length - n))
    this.#count(dropped, -1)
    return dropped
  }

  clear(): void {
    this.#rows = []
    this.#head = 0
    this.#records = 0
    this.#bytes = 0
    this.#levels.clear()
  }

  indexOfKey(key: number): number {
    for (let i = this.#rows.length - 1; i >= this.#head; i--) {
      if (this.#rows[i]?.key === key) return i - this.#head
    }
    return -1
  }

  firstRecord(): RecordRow | undefined {
    for (let i = this.#head; i < this.#rows.length; i++) {
      const row = this.#rows[i]
      if (row?.kind === 'record') return row
    }
    return undefined
  }

  lastRecord(): RecordRow | undefined {
    for (let i = this.#rows.length - 1; i >= this.#head; i--) {
      const row = this.#rows[i]
      if (row?.kind === 'record') return row
    }
    return undefined
  }

  /** Whether a record of this id is here; the newest are looked at first. */
  hasId(id: string): boolean {
    for (let i = this.#rows.length - 1; i >= this.#head; i--) {
      const row = this.#rows[i]
      if (row?.kind !== 'record') continue
      const order = compareIds(row.at, id)
      if (order === 0 || row.record.id === id) return true
      if (order < 0) return false
    }
    return false
  }

  #count(rows: readonly Row[], sign: 1 | -1): void {
    for (const row of rows) {
      if (row.kind !== 'record') continue
      this.#records += sign * (1 + row.updates)
      this.#bytes += sign * row.size
      const level = levelOf(row.record.level)
      this.#levels.set(level, (this.#levels.get(level) ?? 0) + sign)
    }
  }
}
