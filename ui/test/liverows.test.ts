import { describe, expect, it } from 'vitest'

import { percent, progressWords, rate } from '../src/lib/format/progress'
import { RecordList } from '../src/lib/list/recordlist'
import { ROW_HEIGHT } from '../src/lib/list/viewport'
import { checkpointOf, entriesOf, isOpenEnded, liveKey } from '../src/lib/records/checkpoint'
import { ExactNumber } from '../src/lib/records/exact'
import type { LogRecord } from '../src/lib/wire.gen'
import { idOf, page, record, records } from './samples'

function step(n: number, status = 'IN_PROGRESS', more: Partial<LogRecord> = {}): LogRecord {
  return record(n, {
    kind: 'checkpoint',
    message: 'import',
    source_id: 's1',
    metadata: { checkpoint: 'import', status, done: n, total: 1_000, progress: n / 10 },
    ...more,
  })
}

function listOf(limits: ConstructorParameters<typeof RecordList>[0] = {}): RecordList {
  const list = new RecordList(limits)
  list.viewport.resize(10 * ROW_HEIGHT)
  return list
}

const shown = (list: RecordList) =>
  list.store.slice(0, list.store.length).map((row) => (row.kind === 'record' ? `${row.record.message ?? ''}@${row.record.id}+${row.updates}` : 'gap'))

describe('what failed', () => {
  it('says why', () => {
    expect(checkpointOf(step(1, 'FAILED', { metadata: { status: 'FAILED', done: 280, error: 'disk full' } })).error).toBe('disk full')
    expect(checkpointOf(step(1)).error).toBeUndefined()
  })

  it.each([
    ['IN_PROGRESS', undefined, true],
    ['IN_PROGRESS', 40, false],
    ['FAILED', undefined, false],
    ['SKIPPED', undefined, false],
  ] as const)('of %s and %s the end is open: %s', (status, progress, want) => {
    expect(isOpenEnded(status, progress)).toBe(want)
  })
})

describe('the entries of a list', () => {
  it('have keys of their own, and know which one a name stands for', () => {
    const of = (name: string, logger?: string) => ({ name, status: 'DONE', progress: 100, saved: '2026-11-20T10:00:00Z', ...(logger !== undefined && { logger }) })
    const entries = entriesOf([of('a', 'x'), of('a', 'y'), of('b', 'x'), of('a'), of('a', 'x')])
    expect(entries.map(({ newer }) => newer)).toEqual([false, true, false, true, true])
    expect(new Set(entries.map(({ key }) => key)).size).toBe(5)
  })
})

describe('records of one checkpoint', () => {
  it('are one row at the place of the first, with the newest state', () => {
    const list = listOf()
    list.addRecords([record(1, { message: 'a' }), step(2), record(3, { message: 'b' })], 1, 'c1')
    list.addRecords([step(4), record(5, { message: 'c' }), step(6)], 1, 'c2')
    expect(shown(list)).toEqual([`a@${idOf(1)}+0`, `import@${idOf(6)}+2`, `b@${idOf(3)}+0`, `c@${idOf(5)}+0`])
    expect(list.store.records).toBe(6)
  })

  it('are several rows for several names and sources', () => {
    const list = listOf()
    list.addRecords([step(1), step(2, 'IN_PROGRESS', { source_id: 's2' }), step(3, 'DONE', { metadata: { checkpoint: 'other' } })], 1, 'c1')
    expect(list.store.length).toBe(3)
    expect(liveKey(record(1))).toBeUndefined()
  })

  it('that begin anew after an end are another row', () => {
    const list = listOf()
    list.addRecords([step(1), step(2, 'DONE'), step(3, 'DONE')], 1, 'c1')
    expect(list.store.length).toBe(1)
    list.addRecords([step(4), step(5, 'FAILED')], 1, 'c2')
    expect(shown(list)).toEqual([`import@${idOf(3)}+2`, `import@${idOf(5)}+1`])
  })

  it('that come again are told, not shown', () => {
    const list = listOf()
    list.addRecords([step(1), record(2), step(3)], 1, 'c1')
    list.addRecords([step(1), record(2), step(3), record(4)], 1, 'c2')
    expect(list.store.length).toBe(3)
    expect(list.duplicates).toBeGreaterThanOrEqual(2)
  })

  it('do not move what is read, nor count as new rows', () => {
    const list = listOf()
    list.addRecords([step(0), ...records(1, 99)], 1, 'c0')
    list.viewport.scrolled(500)
    list.addRecords([step(100), step(101)], 1, 'c1')
    expect(list.viewport.top).toBe(500)
    expect(list.fresh).toBe(0)
    expect(list.store.length).toBe(100)
  })

  it('begin a new row when theirs has left the list', () => {
    const list = listOf({ rows: 1_000 })
    list.addRecords([step(0)], 1, 'c0')
    list.addRecords(records(1, 3_000), 1, 'c1')
    list.addRecords([step(3_001)], 1, 'c2')
    expect(list.store.lastRecord()?.record.id).toBe(idOf(3_001))
    list.reset()
    list.addRecords([step(3_002)], 1, 'c3')
    expect(shown(list)).toEqual([`import@${idOf(3_002)}+0`])
  })

  it('are one row of history', () => {
    const list = listOf()
    list.addRecords([step(100)], 1, 'c0')
    list.setOlder('c-older')
    list.startOlder()
    list.addOlder(page([step(9), record(8, { message: 'b' }), step(7), step(6)], { next: 'c1' }), 1)
    expect(shown(list)).toEqual([`import@${idOf(9)}+2`, `b@${idOf(8)}+0`, `import@${idOf(100)}+0`])
    expect(list.store.firstRecord()?.at).toBe(idOf(6))
  })

  it('wait in a pause and are one row afterwards', () => {
    const list = listOf()
    list.addRecords([step(1)], 1, 'c0')
    list.pause()
    list.addRecords([step(2), step(3)], 1, 'c1')
    expect(list.buffered).toBe(2)
    list.resume()
    expect(shown(list)).toEqual([`import@${idOf(3)}+2`])
  })
})

describe('what a checkpoint says', () => {
  it('reads what is there and nothing else', () => {
    const odd = record(1, { message: 'm', metadata: { status: 7, progress: 250, done: new ExactNumber('9007199254740993') as unknown as number, total: '5', note: '' } })
    expect(checkpointOf(odd)).toMatchObject({ name: 'm', status: 'OTHER', progress: 100, done: 9007199254740992, total: undefined, note: undefined })
    expect(checkpointOf(record(1)).status).toBe('OTHER')
  })

  it.each([
    [0, '0 %'],
    [42.54, '42.5 %'],
    [99.99, '99.9 %'],
    [100, '100 %'],
  ])('%d is %s', (value, text) => expect(percent(value)).toBe(text))

  it.each([
    [0.254, '0.25/s'],
    [7.46, '7.5/s'],
    [1_234, '1.2k/s'],
  ])('a rate of %d is %s', (value, text) => expect(rate(value)).toBe(text))

  it('puts the numbers in a row', () => {
    const state = checkpointOf(step(200, 'IN_PROGRESS', { metadata: { done: 200, total: 1_000, rate: 50, eta: '16s' } }))
    expect(progressWords(state)).toEqual(['200 of 1,000', '50/s', '16s left'])
  })
})
