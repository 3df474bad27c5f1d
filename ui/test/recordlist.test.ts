import { describe, expect, it } from 'vitest'

import { countRows } from '../src/lib/list/gap'
import { HEAD_ROWS, RecordList } from '../src/lib/list/recordlist'
import { ROW_HEIGHT } from '../src/lib/list/viewport'
import type { GapRow } from '../src/lib/records/row'
import { idOf, page, record, records } from './samples'

const VIEW = 10 * ROW_HEIGHT

function listOf(limits: ConstructorParameters<typeof RecordList>[0] = {}): RecordList {
  const list = new RecordList(limits)
  list.viewport.resize(VIEW)
  return list
}

const total = (list: RecordList) => countRows(list.store.slice(0, list.store.length))

function topRow(list: RecordList): { message: string | undefined; offset: number } {
  const { top } = list.viewport
  const row = list.store.at(Math.floor(top / ROW_HEIGHT) - HEAD_ROWS)
  return { message: row?.kind === 'record' ? row.record.message : row?.kind, offset: top % ROW_HEIGHT }
}

function gaps(list: RecordList): GapRow[] {
  return list.store.slice(0, list.store.length).filter((row) => row.kind === 'gap')
}

describe('following', () => {
  it('stays at the end and drops the oldest visibly', () => {
    const list = listOf({ rows: 5_000 })
    list.setOlder(undefined)
    expect(list.older).toEqual({ state: 'end', evicted: false })
    for (let i = 0; i < 80; i++) list.addRecords(records(i * 100, i * 100 + 99), 1, `c${i}`)
    expect(list.store.records).toBeLessThanOrEqual(6_000)
    expect(list.store.records).toBeGreaterThanOrEqual(5_000)
    expect(list.store.lastRecord()?.record.id).toBe(idOf(7_999))
    expect(list.viewport.top).toBe(list.viewport.maxTop)
    expect(list.older).toEqual({ state: 'more', before: list.store.firstRecord()?.record.id })
    expect(list.fresh).toBe(0)
  })

  it('drops by bytes too', () => {
    const list = listOf({ bytes: 1_000_000 })
    list.addRecords(records(0, 9), 900_000, 'c1')
    list.addRecords([record(10, { message: 'large' })], 500_000, 'c2')
    expect(list.store.bytes).toBeLessThanOrEqual(1_000_000)
    expect(list.store.lastRecord()?.record.message).toBe('large')
    list.addRecords([record(11)], 5_000_000, 'c3')
    expect(list.store.records).toBe(1)
    expect(list.older).toEqual({ state: 'more', before: idOf(11) })
  })

  it('never leaves a gap at the front: history would bring it again', () => {
    const list = listOf({ rows: 1_000 })
    list.addRecords(records(0, 999), 1, 'c1')
    list.addGap({ skipped: 5, after: 'c1', before: 'c2', reason: 'slow', stored: true }, 'c2')
    list.addRecords(records(1_005, 3_003), 1, 'c3')
    expect(list.store.at(0)?.kind).toBe('record')
  })
})

describe('reading', () => {
  it('does not move by a pixel while records come and old ones go', () => {
    const list = listOf({ rows: 5_000 })
    list.addRecords(records(0, 4_999), 1, 'c0')
    list.viewport.scrolled(list.viewport.maxTop - 7.5)
    expect(list.viewport.following).toBe(false)
    const seen = topRow(list)
    for (let i = 50; i < 90; i++) {
      list.addRecords(records(i * 100, i * 100 + 99), 1, `c${i}`)
      expect(topRow(list)).toEqual(seen)
    }
    expect(list.fresh).toBe(4_000)
    expect(list.held).toBe(false)
  })

  it('keeps what is read when the list is full, and declares the newest instead', () => {
    const list = listOf({ rows: 5_000 })
    list.addRecords(records(0, 4_999), 1, 'c0')
    list.viewport.scrolled(600 * ROW_HEIGHT + 3)
    const seen = topRow(list)
    for (let i = 50; i < 150; i++) {
      list.addRecords(records(i * 100, i * 100 + 99), 1, `c${i}`)
      expect(topRow(list)).toEqual(seen)
    }
    expect(list.held).toBe(true)
    expect(list.store.length).toBeLessThanOrEqual(6_001)
    const first = list.store.firstRecord()?.record.id
    // shown + declared = received, but for the oldest, which history finds
    const dropped = Number(BigInt(first ?? '0') - BigInt(idOf(0)))
    expect(total(list) + dropped).toBe(15_000)
    const [gap] = gaps(list)
    expect(gap).toMatchObject({ reason: 'page', stored: true, matching: true, before: 'c149' })
    expect(gap?.after).toBe(list.store.lastRecord()?.record.id)
  })

  it('follows again at the end', () => {
    const list = listOf()
    list.addRecords(records(0, 99), 1, 'c0')
    list.viewport.scrolled(100)
    list.addRecords(records(100, 199), 1, 'c1')
    expect(list.viewport.following).toBe(false)
    list.viewport.scrolled(list.viewport.maxTop)
    expect(list.viewport.following).toBe(true)
  })
})

describe('history', () => {
  it('enters above without moving what is seen', () => {
    const list = listOf()
    list.addRecords(records(1_000, 1_099), 1, 'c0')
    list.setOlder('c-older')
    list.viewport.scrolled(5)
    const before = topRow(list)
    expect(before.message).toBeUndefined()
    const seen = list.store.firstRecord()?.record.id
    expect(list.startOlder()).toBe('c-older')
    expect(list.startOlder()).toBeUndefined()
    list.addOlder(page(records(900, 999).reverse(), { next: 'c-more' }), 100)
    expect(list.older).toEqual({ state: 'more', before: 'c-more' })
    expect(list.store.firstRecord()?.record.id).toBe(idOf(900))
    expect(list.store.at(100)).toMatchObject({ record: { id: seen } })
    expect(list.viewport.top).toBe(5 + 100 * ROW_HEIGHT)
  })

  it('ends, fails and tells how far a slow search came', () => {
    const list = listOf()
    list.addRecords(records(10, 19), 1, 'c0')
    list.setOlder('c1')
    list.startOlder()
    list.failOlder('no answer')
    expect(list.older).toEqual({ state: 'failed', before: 'c1', error: 'no answer' })
    expect(list.startOlder()).toBe('c1')
    list.addOlder(page([], { next: 'c2', reason: 'deadline', scanned_until: '2026-11-20T09:00:00Z' }), 1)
    expect(list.older).toMatchObject({ state: 'more', before: 'c2', scannedUntil: '2026-11-20T09:00:00Z' })
    list.startOlder()
    list.addOlder(page([], { complete: false, reason: 'evicted' }), 1)
    expect(list.older).toEqual({ state: 'end', evicted: true })
  })

  it('pushes the newest into a gap when the list is full', () => {
    const list = listOf({ rows: 1_000 })
    list.addRecords(records(5_000, 5_999), 1, 'c9')
    list.setOlder('c5')
    list.viewport.scrolled(0)
    for (const from of [4_000, 3_000]) {
      list.startOlder()
      list.addOlder(page(records(from, from + 999).reverse(), { next: 'c' + from }), 1)
    }
    expect(list.held).toBe(true)
    expect(total(list)).toBe(3_000)
    expect(gaps(list)[0]).toMatchObject({ before: 'c9', after: list.store.lastRecord()?.record.id })
  })
})

describe('gaps', () => {
  const slow = { skipped: 10, after: 'c1', before: 'c2', reason: 'slow', stored: true }

  it('are filled by what a search finds', () => {
    const list = listOf()
    list.addRecords(records(0, 4), 1, 'c1')
    list.addGap(slow, 'c2')
    const key = gaps(list)[0]?.key as number
    const asked = list.startGap(key) as GapRow
    expect(asked).toMatchObject({ after: 'c1', before: 'c2', state: 'loading' })
    expect(list.startGap(key)).toBeUndefined()
    list.fillGap(asked, page(records(5, 14)), 1, false)
    expect(gaps(list)).toEqual([])
    expect(list.store.records).toBe(15)
  })

  it.each([
    ['more to come', page(records(5, 8), { next: 'c1b' }), false, { skipped: 6, after: 'c1b', stored: true }],
    ['more to come of what matches', page(records(5, 8), { next: 'c1b' }), true, { skipped: undefined, after: 'c1b', stored: true }],
    ['some were deleted', page(records(5, 8)), false, { skipped: 6, stored: false }],
    ['some were evicted', page(records(5, 8), { complete: false, reason: 'evicted' }), true, { skipped: undefined, stored: false }],
  ])('leave a rest: %s', (_name, found, filtered, rest) => {
    const list = listOf()
    list.addGap(slow, 'c2')
    const asked = list.startGap(gaps(list)[0]?.key as number) as GapRow
    list.fillGap(asked, found, 1, filtered)
    expect(gaps(list)[0]).toMatchObject({ state: 'idle', ...rest })
    expect(list.store.at(4)?.kind).toBe('gap')
  })

  it('that match nothing vanish when the query filters', () => {
    const list = listOf()
    list.addGap(slow, 'c2')
    const asked = list.startGap(gaps(list)[0]?.key as number) as GapRow
    list.fillGap(asked, page([]), 1, true)
    expect(list.store.length).toBe(0)
  })

  it('that are gone cannot be loaded; failed ones can be tried again', () => {
    const list = listOf()
    list.addGap({ ...slow, stored: false, reason: 'evicted' }, 'c2')
    list.addGap(slow, 'c3')
    const [gone, here] = gaps(list)
    expect(list.startGap(gone?.key as number)).toBeUndefined()
    list.startGap(here?.key as number)
    list.failGap(here?.key as number, 'no answer')
    expect(gaps(list)[1]).toMatchObject({ state: 'failed', error: 'no answer' })
    expect(list.startGap(here?.key as number)).toBeDefined()
  })

  it('that grew while they were loaded keep the later part', () => {
    const list = listOf({ rows: 1_000 })
    list.addRecords(records(0, 999), 1, 'c0')
    list.viewport.scrolled(0)
    list.addRecords(records(1_000, 2_999), 1, 'c1')
    const [held] = gaps(list)
    const asked = list.startGap(held?.key as number) as GapRow
    list.addRecords(records(3_000, 3_009), 1, 'c2')
    list.fillGap(asked, page(records(1_000, 1_004)), 1, false)
    expect(gaps(list)[0]).toMatchObject({ after: 'c1', before: 'c2', skipped: 10 })
  })
})

describe('pause', () => {
  it('holds back what comes and shows it afterwards', () => {
    const list = listOf()
    list.addRecords(records(0, 9), 1, 'c0')
    list.pause()
    list.addRecords(records(10, 19), 1, 'c1')
    list.addGap({ skipped: 3, after: 'c1', before: 'c2', reason: 'slow', stored: true }, 'c2')
    expect(list.store.records).toBe(10)
    expect(list.buffered).toBe(13)
    list.resume()
    expect(list.store.records).toBe(20)
    expect(total(list)).toBe(23)
    expect(list.buffered).toBe(0)
    expect(list.viewport.following).toBe(true)
  })

  it('declares what its buffer could not hold', () => {
    const list = listOf({ buffer: 1_000 })
    list.addRecords(records(0, 9), 1, 'c0')
    list.pause()
    for (let i = 0; i < 40; i++) list.addRecords(records(10 + i * 100, 109 + i * 100), 1, `c${i + 1}`)
    expect(list.buffered).toBe(4_000)
    list.resume()
    expect(total(list)).toBe(4_010)
    const [gap] = gaps(list)
    expect(gap).toMatchObject({ after: 'c0', stored: true, matching: true, reason: 'page' })
    const next = list.store.at(list.store.indexOfKey(gap?.key as number) + 1)
    expect(next).toMatchObject({ record: { id: gap?.before } })
    expect(list.held).toBe(false)
  })
})

describe('a stream that repeats or restarts', () => {
  it('shows a record once and counts the repetition', () => {
    const list = listOf()
    list.addRecords(records(0, 9), 1, 'c0')
    list.addRecords(records(5, 12), 1, 'c1')
    expect(list.store.records).toBe(13)
    expect(list.duplicates).toBe(5)
  })

  it('tells that something may be missing when it does not join', () => {
    const list = listOf()
    list.addRecords(records(0, 9), 1, 'c0')
    list.restarted()
    list.addRecords(records(100, 109), 1, 'c1')
    expect(gaps(list)[0]).toMatchObject({ reason: 'restart', skipped: undefined, after: idOf(9), before: idOf(100) })
  })

  it('says nothing when it joins', () => {
    const list = listOf()
    list.addRecords(records(0, 9), 1, 'c0')
    list.restarted()
    list.addRecords(records(0, 19), 1, 'c1')
    expect(gaps(list)).toEqual([])
    expect(list.store.records).toBe(20)
  })
})
