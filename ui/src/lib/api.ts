import { parseExact } from './records/exact'
import type { Checkpoint, CheckpointList, ErrorBody, LevelList, LevelRequest, LogRecord, Page, Stats } from './wire.gen'

/** A request that did not work out, in words for people. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly hint: string | undefined,
  ) {
    super(message)
  }

  /** Message and hint in one line. */
  get text(): string {
    return this.hint ? `${this.message} (${this.hint})` : this.message
  }
}

export interface SearchParams {
  q?: string
  before?: string
  after?: string
  limit?: number
  order?: 'asc' | 'desc' | 'time'
}

/** A search's page with the size of its JSON, which the list's memory limit needs. */
export interface SizedPage {
  page: Page
  bytes: number
}

/** Records that one page of history or of a gap brings. */
export const PAGE_LIMIT = 1_000

/** Addresses are relative: the page may be mounted under any prefix. */
export function apiPath(name: string, params: Record<string, string | number | undefined> = {}): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') query.set(key, String(value))
  }
  const text = query.toString()
  return `api/v1/${name}${text ? `?${text}` : ''}`
}

export async function search(params: SearchParams, signal?: AbortSignal): Promise<SizedPage> {
  const text = await get(apiPath('records', { ...params }), signal)
  return { page: parseExact(text) as Page, bytes: text.length }
}

/** Why `q` is searched as plain text; undefined when it parses. Nothing is searched. */
export async function checkQuery(q: string, signal?: AbortSignal): Promise<string | undefined> {
  // Nothing lies before the first position, so this costs a parse only.
  const { page } = await search({ q, before: '1', limit: 1 }, signal)
  return page.plain_text
}

export async function fetchRecord(id: string, signal?: AbortSignal): Promise<LogRecord> {
  return parseExact(await get(apiPath(`records/${encodeURIComponent(id)}`), signal)) as LogRecord
}

export async function fetchStats(signal?: AbortSignal): Promise<Stats> {
  return JSON.parse(await get(apiPath('stats'), signal)) as Stats
}

export async function fetchCheckpoints(signal?: AbortSignal): Promise<CheckpointList> {
  return JSON.parse(await get(apiPath('checkpoints'), signal)) as CheckpointList
}

// The name is a parameter: no path can hold the names '.' and '..'.
export async function fetchCheckpoint(name: string, signal?: AbortSignal): Promise<Checkpoint> {
  return parseExact(await get(apiPath('checkpoints', { name }), signal)) as Checkpoint
}

export async function deleteCheckpoint(name: string): Promise<void> {
  await request(apiPath('checkpoints', { name }), { method: 'DELETE' })
}

export async function fetchLevels(signal?: AbortSignal): Promise<LevelList> {
  return JSON.parse(await get(apiPath('levels'), signal)) as LevelList
}

export async function putLevel(level: LevelRequest): Promise<LevelList> {
  const body = JSON.stringify(level)
  return JSON.parse(await request(apiPath('levels'), { method: 'PUT', body, headers: { 'Content-Type': 'application/json' } })) as LevelList
}

function get(path: string, signal?: AbortSignal): Promise<string> {
  return request(path, { signal: signal ?? null })
}

async function request(path: string, init: RequestInit): Promise<string> {
  const { signal } = init
  let response: Response
  try {
    response = await fetch(path, { ...init, headers: { Accept: 'application/json', ...init.headers } })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new ApiError('The server does not answer', 0, 'unreachable', 'is it running?')
  }
  const text = await response.text()
  if (!response.ok) throw errorOf(response.status, text)
  return text
}

function errorOf(status: number, text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as ErrorBody
    return new ApiError(error.message, status, error.code, error.hint)
  } catch {
    return new ApiError(`The server answered ${status}`, status, 'unknown', undefined)
  }
}

/** What to tell about anything that was caught. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.text
  return error instanceof Error ? error.message : String(error)
}
