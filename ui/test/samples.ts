import type { LogRecord, Page, Ping } from '../src/lib/wire.gen'

/** A record whose id sorts by n and is beyond what a number holds. */
export function record(n: number, more: Partial<LogRecord> = {}): LogRecord {
  return {
    id: idOf(n),
    created_at: '2026-11-20T10:00:00.000000Z',
    level: 'INFO',
    message: `message ${n}`,
    ...more,
  }
}

export function idOf(n: number): string {
  return String(1_800_000_000_000_000_000n + BigInt(n))
}

/** Records from…to, both included. */
export function records(from: number, to: number): LogRecord[] {
  return Array.from({ length: to - from + 1 }, (_, i) => record(from + i))
}

export function page(list: LogRecord[], more: Partial<Page> = {}): Page {
  return { records: list, complete: more.next === undefined, cursor: 'c', ...more }
}

export function ping(more: Partial<Ping> = {}): Ping {
  return { cursor: 'c0', seen: 0, matched: 0, skipped: 0, build: '', ...more }
}
