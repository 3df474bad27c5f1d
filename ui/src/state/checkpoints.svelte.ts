import { apiPath, deleteCheckpoint, errorText, fetchCheckpoints } from '../lib/api'
import { isProgress, liveKey } from '../lib/records/checkpoint'
import { LiveStream, type EventSourceLike } from '../lib/stream/livestream'
import type { CheckpointList, LogRecord } from '../lib/wire.gen'

/** A job that saves often is looked at a few times a second, not for each record. */
const RELOAD_MS = 300

/** Pieces of work that are shown beside the checkpoints. */
const MAX_WORK = 50

/**
 * The checkpoints of the server, and the work that is going on. The records of kind
 * checkpoint tell when to look again: what is shown is always what the server has.
 */
export class CheckpointsState {
  list = $state.raw<CheckpointList | undefined>()
  error = $state<string | undefined>()
  /** The newest record of each progress, the one that began last first. */
  work = $state.raw<LogRecord[]>([])
  /** Changes with each list: what was loaded of a checkpoint may be old. */
  version = $state(0)

  #timer: ReturnType<typeof setTimeout> | undefined
  #load = new AbortController()
  readonly #stream: LiveStream

  constructor() {
    this.#stream = new LiveStream(
      {
        url: (after, replay) => apiPath('stream', { q: 'kind:checkpoint', after, replay }),
        connect: (url) => new EventSource(url) as EventSourceLike,
        now: () => Date.now(),
      },
      {
        records: (records) => this.#arrived(records),
        gap: () => this.#soon(),
        ping: () => {},
        opened: () => this.#soon(),
        phase: () => {},
        // The list is loaded as a whole anyway: a new stream is as good.
        rejects: () => Promise.resolve(true),
      },
    )
  }

  start(): void {
    this.#stream.start()
    void this.reload()
  }

  stop(): void {
    this.#stream.stop()
    this.#load.abort()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async reload(): Promise<void> {
    this.#load.abort()
    const { signal } = (this.#load = new AbortController())
    try {
      this.list = await fetchCheckpoints(signal)
      this.error = undefined
      this.version++
    } catch (error) {
      if (!signal.aborted) this.error = errorText(error)
    }
  }

  /** Deletes a checkpoint; what went wrong is in `error`. */
  async remove(name: string): Promise<void> {
    try {
      await deleteCheckpoint(name)
    } catch (error) {
      this.error = errorText(error)
      return
    }
    await this.reload()
  }

  #arrived(records: readonly LogRecord[]): void {
    const work = records.filter(isProgress)
    if (work.length < records.length) this.#soon()
    if (work.length === 0) return
    // Each keeps its place, so that nothing jumps while several go on.
    const newest = new Map<string | undefined, LogRecord>()
    for (const record of [...this.work.toReversed(), ...work]) newest.set(liveKey(record), record)
    this.work = [...newest.values()].reverse().slice(0, MAX_WORK)
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.reload()
    }, RELOAD_MS)
  }
}
