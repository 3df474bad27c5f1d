import { ExactNumber } from '../records/exact'
import type { LogRecord } from '../wire.gen'

/** What one row can show at most; wider screens do not exist. */
const MAX_MESSAGE = 1_000
const MAX_VALUE = 120
const MAX_PAIRS = 16

// Escape sequences of terminals would show as noise in a row.
// eslint-disable-next-line no-control-regex
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-_])/g

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

export interface Pair {
  key: string
  value: string
}

/** Text on one line: without terminal colours, line ends shown as signs, cut at what a row can show. */
export function oneLine(text: string, max = MAX_MESSAGE): string {
  const cut = text.length > max
  const head = cut ? text.slice(0, max) : text
  const line = head
    .replace(ANSI, '')
    .trimEnd()
    .replace(/\r?\n/g, ' ↵ ')
    .replace(/\t/g, '  ')
    .replace(CONTROL, '·')
  return cut ? `${line}…` : line
}

/** The record's fields that a row shows after the message, in this order. */
const INLINE = [
  'error_type',
  'method',
  'path',
  'duration_ms',
  'action_type',
  'user_id',
  'tenant_id',
  'session_id',
  'ip',
  'trace_id',
] as const satisfies readonly (keyof LogRecord)[]

/** The attributes of a row, as key and value. */
export function inlinePairs(record: LogRecord): Pair[] {
  const pairs: Pair[] = []
  for (const key of INLINE) {
    const value = record[key]
    if (value !== undefined) pairs.push({ key, value: inlineValue(value) })
  }
  for (const key in record.metadata) {
    if (pairs.length >= MAX_PAIRS) {
      pairs.push({ key: '…', value: '' })
      break
    }
    pairs.push({ key: oneLine(key, MAX_VALUE), value: inlineValue(record.metadata[key]) })
  }
  return pairs
}

function inlineValue(value: unknown): string {
  if (typeof value === 'string') return oneLine(value, MAX_VALUE)
  if (value === null || typeof value !== 'object' || value instanceof ExactNumber) return String(value)
  return outline(value)
}

// A nested value in a row: its shape and first scalars, without walking all of it.
function outline(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.length}]`
  const parts: string[] = []
  for (const key in value) {
    if (parts.length === 4) {
      parts.push('…')
      break
    }
    const child: unknown = (value as Record<string, unknown>)[key]
    const nested = child !== null && typeof child === 'object' && !(child instanceof ExactNumber)
    parts.push(`${oneLine(key, 40)}:${nested ? '…' : oneLine(String(child), 40)}`)
  }
  return `{${parts.join(' ')}}`
}

/** Who wrote it: the service and the logger below it. */
export function sourceOf(record: LogRecord): string {
  const service = record.service ?? ''
  const logger = record.logger ?? ''
  if (service === '' || logger === '' || service === logger) return service || logger
  return logger.startsWith(`${service}.`) ? logger : `${service}/${logger}`
}
