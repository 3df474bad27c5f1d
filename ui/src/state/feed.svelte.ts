import { ApiError, apiPath, errorText, fetchStats, PAGE_LIMIT, search } from '../lib/api'
import { RecordList } from '../lib/list/recordlist'
import { Counters } from '../lib/stream/counters'
import { LiveStream, type EventSourceLike, type Phase } from '../lib/stream/livestream'
import type { Ping, Stats } from '../lib/wire.gen'
import { ownBuild, shouldReload } from './build'
import { FrameQueue } from './frames'

/**
 * The records of one query, live: it ties the stream and the searches to the
 * list. The list is plain; `version` changes whenever something in it did.
 */
export class FeedState {
  readonly list = new RecordList()
  readonly counters = new Counters()
  version = $state(0)
  phase = $state.raw<Phase>({ kind: 'closed' })
  /** The first answer for this query has come: an empty list is really empty. */
  ready = $state(false)
  stats = $state.raw<Stats | undefined>()

  #query = ''
  #loads = new AbortController()
  readonly #frames = new FrameQueue(() => this.touch())
  readonly #stream: LiveStream

  constructor() {
    this.#stream = new LiveStream(
      {
        url: (after, replay) => apiPath('stream', { q: this.#query, after, replay }),
        connect: (url) => new EventSource(url) as EventSourceLike,
        now: () => Date.now(),
      },
      {
        records: (records, bytes, cursor) =>
          this.#frames.add(() => {
            this.counters.records(records.length)
            this.list.addRecords(records, bytes, cursor)
          }),
        gap: (gap, cursor) =>
          this.#frames.add(() => {
            this.counters.gap(gap.skipped)
            this.list.addGap(gap, cursor)
          }),
        ping: (ping, first) => this.#frames.add(() => this.#ping(ping, first)),
        opened: () => {
          this.#frames.add(() => this.counters.opened())
          void this.#loadStats()
        },
        phase: (phase) => {
          this.phase = phase
        },
        rejects: (cursor) => this.#rejects(cursor),
      },
    )
    document.addEventListener('visibilitychange', () => this.#frames.run())
  }

  /** Shows what matches `query` from now on; the list begins anew. */
  open(query: string): void {
    this.#query = query
    this.#frames.clear()
    this.#loads.abort()
    this.#loads = new AbortController()
    this.list.reset()
    this.counters.reset()
    this.ready = false
    this.touch()
    this.#stream.start()
  }

  /** The query that the list shows. */
  get query(): string {
    return this.#query
  }

  /** Whether the server has an ability; not before it was asked. */
  can(capability: string): boolean {
    return this.stats?.capabilities.includes(capability) ?? false
  }

  /** Something in the list or its viewport changed: draw it. */
  touch(): void {
    this.version++
  }

  retryNow(): void {
    this.#stream.retryNow()
  }

  /** To the newest record, and with it from now on. */
  follow(): void {
    if (this.list.paused) this.list.resume()
    if (this.list.held) this.open(this.#query)
    else this.list.follow()
    this.touch()
  }

  togglePause(): void {
    if (this.list.paused) this.list.resume()
    else this.list.pause()
    this.touch()
  }

  async loadOlder(): Promise<void> {
    const before = this.list.startOlder()
    if (before === undefined) return
    this.touch()
    const { signal } = this.#loads
    try {
      const { page, bytes } = await search({ q: this.#query, before, limit: PAGE_LIMIT }, signal)
      if (!signal.aborted) this.list.addOlder(page, bytes)
    } catch (error) {
      if (!signal.aborted) this.list.failOlder(errorText(error))
    }
    this.touch()
  }

  async loadGap(key: number): Promise<void> {
    const asked = this.list.startGap(key)
    if (asked === undefined) return
    this.touch()
    const { signal } = this.#loads
    const { after, before } = asked
    try {
      const params = { q: this.#query, after, before, limit: PAGE_LIMIT, order: 'asc' } as const
      const { page, bytes } = await search(params, signal)
      if (!signal.aborted) this.list.fillGap(asked, page, bytes, this.#query !== '')
    } catch (error) {
      if (!signal.aborted) this.list.failGap(key, errorText(error))
    }
    this.touch()
  }

  #ping(ping: Ping, first: boolean): void {
    this.counters.ping(ping)
    if (first) this.list.setOlder(ping.older)
    this.ready = true
    if (shouldReload(ownBuild(), ping.build, sessionStorage)) location.reload()
  }

  async #loadStats(): Promise<void> {
    try {
      this.stats = await fetchStats()
    } catch {
      // Only the name in the header comes from it; the next connection asks again.
    }
  }

  // EventSource does not tell why it failed, a search with the same cursor does.
  async #rejects(cursor: string): Promise<boolean> {
    try {
      await search({ after: cursor, limit: 1, order: 'asc' })
      return false
    } catch (error) {
      const rejected = error instanceof ApiError && error.code === 'bad_cursor'
      if (rejected) this.#frames.add(() => this.list.restarted())
      return rejected
    }
  }
}
