import { describe, expect, it } from 'vitest'

import { compareIds, RowMaker } from '../src/lib/records/row'
import { RowStore } from '../src/lib/records/rowstore'
import { idOf, record, records } from './samples'

function filled(from: number, to: number): { store: RowStore; maker: RowMaker } {
  const maker = new RowMaker()
  const store = new RowStore()
  store.append(maker.records(records(from, to), 100 * (to - from + 1)))
  return { store, maker }
}

const ids = (store: RowStore) =>
  store.slice(0, store.length).map((row) => (row.kind === 'record' ? row.record.message : 'gap'))

describe('RowStore', () => {
  it('keeps rows in order at both ends', () => {
    const { store, maker } = filled(10, 12)
    store.prepend(maker.records(records(8, 9), 200))
    store.append(maker.records(records(13, 13), 100))
    expect(ids(store)).toEqual(['message 8', 'message 9', 'message 10', 'message 11', 'message 12', 'message 13'])
    expect(store.records).toBe(6)
    expect(store.bytes).toBe(600)
  })

  it('drops from either end and counts what is left', () => {
    const { store } = filled(1, 1000)
    expect(store.dropFront(600)).toHaveLength(600)
    expect(store.dropBack(100)).toHaveLength(100)
    expect(store.length).toBe(300)
    expect(store.records).toBe(300)
    expect(store.bytes).toBeCloseTo(30_000)
    expect(store.firstRecord()?.record.id).toBe(idOf(601))
    expect(store.lastRecord()?.record.id).toBe(idOf(900))
    expect(store.at(-1)).toBeUndefined()
    expect(store.at(300)).toBeUndefined()
    store.dropFront(1_000)
    expect(store.length).toBe(0)
    expect(store.levelCount('INFO')).toBe(0)
  })

  it('replaces a row by many, wherever the head is', () => {
    const { store, maker } = filled(1, 10)
    store.dropFront(2)
    const gap = maker.gap({ skipped: 2, after: 'a', before: 'b', reason: 'slow', stored: true, matching: false })
    store.replace(1, [gap])
    expect(store.indexOfKey(gap.key)).toBe(1)
    expect(store.records).toBe(7)
    store.replace(1, maker.records([record(4), record(40)], 200))
    expect(ids(store).slice(0, 4)).toEqual(['message 3', 'message 4', 'message 40', 'message 5'])
    expect(store.records).toBe(9)
  })

  it('counts levels, unknown ones apart', () => {
    const { store, maker } = filled(1, 2)
    store.append(maker.records([record(3, { level: 'ERROR' }), record(4, { level: 'LOUD' }), record(5, { level: undefined })], 9))
    expect(store.levelCount('INFO')).toBe(2)
    expect(store.levelCount('ERROR')).toBe(1)
    expect(store.levelCount('OTHER')).toBe(2)
  })

  it('knows the ids it holds', () => {
    const { store } = filled(10, 20)
    expect(store.hasId(idOf(10))).toBe(true)
    expect(store.hasId(idOf(20))).toBe(true)
    expect(store.hasId(idOf(9))).toBe(false)
    expect(store.hasId(idOf(21))).toBe(false)
  })
})

describe('compareIds', () => {
  it.each([
    ['9', '10', -1],
    ['9223372036854775807', '9223372036854775806', 1],
    ['5', '5', 0],
  ])('%s and %s', (a, b, want) => {
    expect(Math.sign(compareIds(a, b))).toBe(want)
  })
})
