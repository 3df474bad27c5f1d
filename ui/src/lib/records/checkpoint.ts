import type { Checkpoint, LogRecord } from '../wire.gen'

export const STATUSES = ['DONE', 'IN_PROGRESS', 'FAILED', 'SKIPPED'] as const

/** A status, DELETED in the record of a delete, or OTHER for a text that is none. */
export type Status = (typeof STATUSES)[number] | 'DELETED' | 'OTHER'

const known = new Set<string>([...STATUSES, 'DELETED'])

export function statusOf(text: unknown): Status {
  return typeof text === 'string' && known.has(text) ? (text as Status) : 'OTHER'
}

/** What a record of kind checkpoint tells; what it does not have is undefined. */
export interface CheckpointState {
  name: string
  status: Status
  /** 0 to 100. */
  progress: number | undefined
  done: number | undefined
  total: number | undefined
  /** Steps a second. */
  rate: number | undefined
  /** Time left, as a text. */
  eta: string | undefined
  note: string | undefined
  /** Why the work failed. */
  error: string | undefined
}

export function checkpointOf(record: LogRecord): CheckpointState {
  const data = record.metadata ?? {}
  const progress = numberOf(data.progress)
  return {
    name: textOf(data.checkpoint) ?? record.message ?? '',
    status: statusOf(data.status),
    progress: progress === undefined ? undefined : Math.min(100, Math.max(0, progress)),
    done: numberOf(data.done),
    total: numberOf(data.total),
    rate: numberOf(data.rate),
    eta: textOf(data.eta),
    note: textOf(data.note),
    error: textOf(data.error),
  }
}

/** Whether it tells of work that goes on without being saved: it has a count. */
export function isProgress(record: LogRecord): boolean {
  return record.kind === 'checkpoint' && record.metadata?.done !== undefined
}

/** Whether work goes on without a known end. What has ended is not waited for. */
export function isOpenEnded(status: Status, progress: number | undefined): boolean {
  return progress === undefined && status === 'IN_PROGRESS'
}

/** What makes records one row: who emitted them, and the name. Undefined for other records. */
export function liveKey(record: LogRecord): string | undefined {
  if (record.kind !== 'checkpoint') return undefined
  const source = record.source_id ?? `${record.service ?? ''}/${record.logger ?? ''}`
  return `${source}\n${checkpointOf(record).name}`
}

/** Whether `next` goes on with what `last` tells. What has ended and begins anew is another row. */
export function continues(last: LogRecord, next: LogRecord): boolean {
  return statusOf(next.metadata?.status) !== 'IN_PROGRESS' || statusOf(last.metadata?.status) === 'IN_PROGRESS'
}

// Numbers beyond 2^53 come as ExactNumber: near enough for a bar.
function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'string') return undefined
  const n = Number(value)
  return Number.isFinite(n) ? n : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A checkpoint of a list, with what tells it from the others. */
export interface CheckpointEntry {
  readonly key: string
  readonly checkpoint: Checkpoint
  /**
   * On a server several jobs may use one name. A request by name means the one that
   * was saved last; the others can only be looked at.
   */
  readonly newer: boolean
}

/** The entries of a list that has the one saved last first. */
export function entriesOf(list: readonly Checkpoint[]): CheckpointEntry[] {
  const names = new Set<string>()
  const times = new Map<string, number>()
  return list.map((checkpoint) => {
    const newer = names.has(checkpoint.name)
    names.add(checkpoint.name)
    const of = JSON.stringify([checkpoint.logger ?? '', checkpoint.name])
    const before = times.get(of) ?? 0
    times.set(of, before + 1)
    return { key: `${before}${of}`, checkpoint, newer }
  })
}
