import { ExactNumber } from '../records/exact'

/** Children that a node of a tree shows at once. */
export const CHILDREN_STEP = 100

export function isBranch(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !(value instanceof ExactNumber)
}

export function childCount(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length
}

/** The first `limit` children; a long array is not walked to its end. */
export function children(value: object, limit: number): [string, unknown][] {
  if (Array.isArray(value)) return value.slice(0, limit).map((child: unknown, i) => [String(i), child])
  return Object.entries(value).slice(0, limit)
}

/** A scalar as it stands in a tree. */
export function scalarText(value: unknown): string {
  return typeof value === 'string' ? value : String(value)
}

export function scalarKind(value: unknown): 'string' | 'number' | 'boolean' | 'null' {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  return typeof value === 'number' || value instanceof ExactNumber ? 'number' : 'string'
}

/** What a copy of a value is: text as it is, else JSON. */
export function copyText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
