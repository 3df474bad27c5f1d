import { continues, liveKey } from '../records/checkpoint'
import type { RecordRow, Row } from '../records/row'
import type { RowStore } from '../records/rowstore'

/** Live rows that are remembered; beyond it those that have left the list are forgotten. */
const REMEMBERED = 1_000

/**
 * Rows that change in place: records of one checkpoint, or of one progress, become
 * one row, at the place of the first. It only looks into the list; rows that have
 * left it are begun anew.
 */
export class LiveRows {
  readonly #store: RowStore
  readonly #keys = new Map<string, number>()

  constructor(store: RowStore) {
    this.#store = store
  }

  clear(): void {
    this.#keys.clear()
  }

  /** Takes new rows in: updates go to their rows in the list, the others are returned. */
  take(rows: readonly Row[]): readonly Row[] {
    if (!rows.some((row) => row.kind === 'record' && row.record.kind === 'checkpoint')) return rows
    return merge(rows, (key, row) => this.#update(key, row)).map((row) => {
      const key = row.kind === 'record' ? liveKey(row.record) : undefined
      if (key !== undefined) this.#remember(key, row.key)
      return row
    })
  }

  #update(key: string, row: RecordRow): boolean {
    const known = this.#keys.get(key)
    if (known === undefined) return false
    const index = this.#store.indexOfKey(known)
    const old = this.#store.at(index)
    if (old?.kind !== 'record' || !continues(old.record, row.record)) {
      this.#keys.delete(key)
      return false
    }
    this.#store.set(index, join(old, row))
    return true
  }

  #remember(key: string, row: number): void {
    if (this.#keys.size >= REMEMBERED) {
      for (const [name, at] of this.#keys) if (this.#store.indexOfKey(at) < 0) this.#keys.delete(name)
    }
    this.#keys.set(key, row)
  }
}

/** Rows of history, oldest first, with one row for each checkpoint among them. */
export function collapse(rows: readonly Row[]): Row[] {
  return merge(rows, () => false)
}

// Rows that neither `update` took nor one before them in `rows` goes on with.
function merge(rows: readonly Row[], update: (key: string, row: RecordRow) => boolean): Row[] {
  const merged: Row[] = []
  const last = new Map<string, number>()
  for (const row of rows) {
    const key = row.kind === 'record' ? liveKey(row.record) : undefined
    if (row.kind !== 'record' || key === undefined) {
      merged.push(row)
      continue
    }
    const at = last.get(key)
    const before = at === undefined ? undefined : merged[at]
    if (at !== undefined && before?.kind === 'record' && continues(before.record, row.record)) {
      merged[at] = join(before, row)
    } else if (at !== undefined || !update(key, row)) {
      last.set(key, merged.length)
      merged.push(row)
    }
  }
  return merged
}

function join(old: RecordRow, row: RecordRow): RecordRow {
  return { ...old, record: row.record, updates: old.updates + 1 + row.updates, size: row.size }
}
