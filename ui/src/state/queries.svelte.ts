import { remember } from '../lib/query/history'
import { load, save } from './storage'

const KEY = 'weir.queries'

/** Queries that were used, the newest first, remembered by the browser. */
export class QueryHistory {
  entries = $state.raw<string[]>(read())

  add(query: string): void {
    this.entries = remember(this.entries, query)
    save(KEY, JSON.stringify(this.entries))
  }
}

function read(): string[] {
  try {
    const saved: unknown = JSON.parse(load(KEY) ?? '[]')
    return Array.isArray(saved) ? saved.filter((entry): entry is string => typeof entry === 'string') : []
  } catch {
    return []
  }
}
