import type { GapRow, Row } from '../records/row'
import type { Page } from '../wire.gen'

/** How many records rows stand for: the shown ones and the declared ones. */
export function countRows(rows: readonly Row[]): number {
  let n = 0
  for (const row of rows) n += row.kind === 'record' ? 1 + row.updates : (row.skipped ?? 0)
  return n
}

/**
 * What is left of a gap after a page of it was loaded. `asked` is the gap as the
 * page was asked for, `now` as it is: it may have grown at its end meanwhile.
 * Undefined when nothing is left.
 */
export function afterLoad(asked: GapRow, now: GapRow, page: Page, filtered: boolean): GapRow | undefined {
  const grown = now.before !== asked.before
  const counts = now.skipped !== undefined && (now.matching || !filtered)
  const left = counts ? Math.max(0, (now.skipped ?? 0) - page.records.length) : undefined
  if (page.next !== undefined) return { ...now, state: 'idle', after: page.next, skipped: left }
  if (grown) {
    const later = counts ? (now.skipped ?? 0) - (asked.skipped ?? 0) : undefined
    return { ...now, state: 'idle', after: asked.before, skipped: later }
  }
  if (page.reason === 'evicted' && left !== 0) {
    return { ...now, state: 'idle', skipped: left, stored: false, reason: 'evicted' }
  }
  if (left !== undefined && left > 0) {
    return { ...now, state: 'idle', skipped: left, stored: false, reason: 'evicted' }
  }
  return undefined
}

/** The words of a gap row. */
export function describeGap(gap: GapRow, number: (n: number) => string): string {
  const many = gap.skipped === undefined ? 'Some records' : gap.skipped === 1 ? '1 record' : `${number(gap.skipped)} records`
  if (!gap.stored) return `${many} gone: they had left the server’s memory`
  switch (gap.reason) {
    case 'slow':
      return `${many} skipped: they came faster than this page could read`
    case 'replay':
      return `${many} skipped while this page was away`
    case 'page':
      return `${many} not kept by this page`
    case 'restart':
      return `${many} may be missing: the server did not know where this page had left off`
    default:
      return `${many} skipped`
  }
}
