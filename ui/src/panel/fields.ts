import { ExactNumber } from '../lib/records/exact'
import type { LogRecord } from '../lib/wire.gen'

export interface PanelField {
  name: string
  value: string | number | boolean | ExactNumber
}

// These have their own place in the panel.
const ELSEWHERE = new Set(['message', 'stack_trace', 'metadata'])

/** A record's fields but for those shown by themselves, in the order in which they came. */
export function panelFields(record: LogRecord): PanelField[] {
  const fields: PanelField[] = []
  for (const [name, value] of Object.entries(record) as [string, unknown][]) {
    if (ELSEWHERE.has(name)) continue
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber) {
      fields.push({ name, value })
    }
  }
  return fields
}
