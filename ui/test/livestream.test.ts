import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { LiveStream, RESUME_REPLAY, SILENCE_MS, type EventSourceLike, type Phase } from '../src/lib/stream/livestream'
import { ping, records } from './samples'

class FakeSource implements EventSourceLike {
  closed = false
  #listeners = new Map<string, (event: MessageEvent<string>) => void>()

  constructor(readonly url: string) {}

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener)
  }

  close(): void {
    this.closed = true
  }

  emit(type: string, data: unknown = '', lastEventId = ''): void {
    const event = { data: typeof data === 'string' ? data : JSON.stringify(data), lastEventId }
    this.#listeners.get(type)?.(event as MessageEvent<string>)
  }
}

function setUp(rejects = false) {
  const sources: FakeSource[] = []
  const phases: Phase[] = []
  const seen = { records: 0, gaps: 0, firsts: [] as boolean[], opened: 0, cursors: [] as string[] }
  const stream = new LiveStream(
    {
      url: (after, replay) => `after=${after ?? ''}&replay=${replay}`,
      connect: (url) => {
        const source = new FakeSource(url)
        sources.push(source)
        return source
      },
      now: () => Date.now(),
    },
    {
      records: (list, _bytes, cursor) => {
        seen.records += list.length
        seen.cursors.push(cursor)
      },
      gap: () => seen.gaps++,
      ping: (_ping, first) => seen.firsts.push(first),
      opened: () => seen.opened++,
      phase: (phase) => phases.push(phase),
      rejects: () => Promise.resolve(rejects),
    },
  )
  const last = () => sources[sources.length - 1] as FakeSource
  return { stream, sources, phases, seen, last, phase: () => phases[phases.length - 1] }
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('LiveStream', () => {
  it('hands on what comes', () => {
    const t = setUp()
    t.stream.start()
    expect(t.last().url).toBe('after=&replay=500')
    t.last().emit('open')
    t.last().emit('record', records(1, 3), 'c3')
    t.last().emit('gap', { skipped: 2, after: 'c3', before: 'c5', reason: 'slow', stored: true }, 'c5')
    t.last().emit('ping', ping(), 'c5')
    t.last().emit('ping', ping(), 'c5')
    expect(t.seen).toMatchObject({ records: 3, gaps: 1, firsts: [true, false], opened: 1, cursors: ['c3'] })
    expect(t.phase()).toEqual({ kind: 'live' })
    t.stream.stop()
  })

  it('comes back after the last cursor, that of a ping too', async () => {
    const t = setUp()
    t.stream.start()
    t.last().emit('open')
    t.last().emit('record', records(1, 3), 'c3')
    t.last().emit('ping', ping(), 'c9')
    t.last().emit('error')
    expect(t.last().closed).toBe(true)
    expect(t.phase()).toMatchObject({ kind: 'waiting', until: Date.now() + 1_000, offline: false })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(t.sources).toHaveLength(2)
    expect(t.last().url).toBe(`after=c9&replay=${RESUME_REPLAY}`)
    t.last().emit('open')
    t.last().emit('ping', ping({ older: 'c1' }), 'c9')
    expect(t.seen.firsts).toEqual([true, false])
    t.stream.stop()
  })

  it('waits longer each time, says offline, and begins anew when told', async () => {
    const t = setUp()
    t.stream.start()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      t.last().emit('error')
      const phase = t.phase()
      if (phase?.kind !== 'waiting') throw new Error('not waiting')
      waits.push(phase.until - Date.now())
      if (i === 6) expect(phase.offline).toBe(true)
      await vi.advanceTimersByTimeAsync(phase.until - Date.now())
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000])
    t.last().emit('error')
    const tries = t.sources.length
    t.stream.retryNow()
    expect(t.sources).toHaveLength(tries + 1)
    t.last().emit('open')
    t.last().emit('error')
    expect(t.phase()).toMatchObject({ kind: 'waiting', until: Date.now() + 1_000, offline: false })
    t.stream.stop()
  })

  it('takes silence for a dead connection', async () => {
    const t = setUp()
    t.stream.start()
    t.last().emit('open')
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1)
    t.last().emit('ping', ping(), 'c1')
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1)
    expect(t.phase()).toEqual({ kind: 'live' })
    await vi.advanceTimersByTimeAsync(1)
    expect(t.phase()).toMatchObject({ kind: 'waiting' })
    t.stream.stop()
  })

  it('begins anew when the server does not take the cursor', async () => {
    const t = setUp(true)
    t.stream.start()
    t.last().emit('open')
    t.last().emit('record', records(1, 1), 'c1')
    t.last().emit('error')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(t.last().url).toContain('after=c1')
    t.last().emit('error')
    await vi.advanceTimersByTimeAsync(0)
    expect(t.last().url).toBe('after=&replay=500')
    t.stream.stop()
  })

  it('hears nothing of a connection that it gave up', async () => {
    const t = setUp()
    t.stream.start()
    const old = t.last()
    t.stream.start()
    old.emit('record', records(1, 5), 'c5')
    old.emit('error')
    expect(t.seen.records).toBe(0)
    expect(t.phase()).toEqual({ kind: 'connecting' })
    t.stream.stop()
    expect(t.phase()).toEqual({ kind: 'closed' })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(t.sources).toHaveLength(2)
  })
})
