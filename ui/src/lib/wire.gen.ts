// Generated from the Go types by internal/tsgen; do not edit. Run: make types

/** What JSON can hold. */
export type JSONValue = string | number | boolean | null | JSONValue[] | { [key: string]: JSONValue }

/** One log record. What is null is left out. */
export interface LogRecord {
  /** the record's position */
  id: string
  /** when the record was emitted */
  created_at: string
  /** TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or the unknown level's own text */
  level?: string
  /** what happened */
  message?: string
  /** BACKEND, FRONTEND, MOBILE, IOT or WORKER */
  log_type?: string
  /** the program or service that sent it */
  service?: string
  /** production, staging, development … */
  environment?: string
  /** the sender's version */
  service_version?: string
  /** the trace it belongs to, without dashes */
  trace_id?: string
  /** the user it concerns */
  user_id?: string
  /** the user's session */
  session_id?: string
  /** the type or class of the error */
  error_type?: string
  /** the stack, as text */
  stack_trace?: string
  /** the request's path */
  path?: string
  /** the request's method */
  method?: string
  /** what the user did */
  action_type?: string
  /** the function that logged */
  function_name?: string
  /** the source file that logged */
  file_path?: string
  /** how long it took, in milliseconds */
  duration_ms?: number
  /** hidden by a soft delete; false unless told */
  deleted?: boolean
  /** every other attribute */
  metadata?: Record<string, JSONValue>
  /** when the record arrived */
  observed_at?: string
  /** the OpenTelemetry severity number, 0 when the level is unknown */
  severity?: number
  /** the logger's dotted name */
  logger?: string
  /** the span it belongs to */
  span_id?: string
  /** the line in the source file */
  line_number?: number
  /** the machine that sent it */
  host?: string
  /** the client's address */
  ip?: string
  /** the tenant it concerns */
  tenant_id?: string
  /** a label that groups records */
  tag?: string
  /** log, divider or checkpoint */
  kind?: string
  /** the emitter's own count */
  seq?: number
  /** the emitter, new for each process start */
  source_id?: string
}

/** The names of a record's fields, in the order of the projection. */
export type FieldName = keyof LogRecord

export type FieldType = 'text' | 'integer' | 'number' | 'time' | 'bool' | 'id' | 'object'

export const fields: readonly { readonly name: FieldName; readonly type: FieldType; readonly help: string }[] = [
  { name: 'id', type: 'id', help: 'the record\'s position' },
  { name: 'created_at', type: 'time', help: 'when the record was emitted' },
  { name: 'level', type: 'text', help: 'TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or the unknown level\'s own text' },
  { name: 'message', type: 'text', help: 'what happened' },
  { name: 'log_type', type: 'text', help: 'BACKEND, FRONTEND, MOBILE, IOT or WORKER' },
  { name: 'service', type: 'text', help: 'the program or service that sent it' },
  { name: 'environment', type: 'text', help: 'production, staging, development …' },
  { name: 'service_version', type: 'text', help: 'the sender\'s version' },
  { name: 'trace_id', type: 'text', help: 'the trace it belongs to, without dashes' },
  { name: 'user_id', type: 'text', help: 'the user it concerns' },
  { name: 'session_id', type: 'text', help: 'the user\'s session' },
  { name: 'error_type', type: 'text', help: 'the type or class of the error' },
  { name: 'stack_trace', type: 'text', help: 'the stack, as text' },
  { name: 'path', type: 'text', help: 'the request\'s path' },
  { name: 'method', type: 'text', help: 'the request\'s method' },
  { name: 'action_type', type: 'text', help: 'what the user did' },
  { name: 'function_name', type: 'text', help: 'the function that logged' },
  { name: 'file_path', type: 'text', help: 'the source file that logged' },
  { name: 'duration_ms', type: 'number', help: 'how long it took, in milliseconds' },
  { name: 'deleted', type: 'bool', help: 'hidden by a soft delete; false unless told' },
  { name: 'metadata', type: 'object', help: 'every other attribute' },
  { name: 'observed_at', type: 'time', help: 'when the record arrived' },
  { name: 'severity', type: 'integer', help: 'the OpenTelemetry severity number, 0 when the level is unknown' },
  { name: 'logger', type: 'text', help: 'the logger\'s dotted name' },
  { name: 'span_id', type: 'text', help: 'the span it belongs to' },
  { name: 'line_number', type: 'integer', help: 'the line in the source file' },
  { name: 'host', type: 'text', help: 'the machine that sent it' },
  { name: 'ip', type: 'text', help: 'the client\'s address' },
  { name: 'tenant_id', type: 'text', help: 'the tenant it concerns' },
  { name: 'tag', type: 'text', help: 'a label that groups records' },
  { name: 'kind', type: 'text', help: 'log, divider or checkpoint' },
  { name: 'seq', type: 'integer', help: 'the emitter\'s own count' },
  { name: 'source_id', type: 'text', help: 'the emitter, new for each process start' },
]

export interface Page {
  records: LogRecord[]
  next?: string
  complete: boolean
  reason?: string
  scanned_until?: string
  cursor: string
  plain_text?: string
}

export interface Gap {
  skipped: number
  after: string
  before: string
  reason: string
  stored: boolean
}

export interface Ping {
  cursor: string
  seen: number
  matched: number
  skipped: number
  older?: string
  build: string
  plain_text?: string
}

export interface Stats {
  role: string
  name: string
  version: string
  build: string
  started_at: string
  capabilities: string[]
  records: number
  published: number
  viewers: number
  dropped: number
  held: number
  held_bytes: number
  evicted: number
  missed: number
  viewers_dropped: number
  searches_refused: number
}

export interface Status {
  status: string
  service: string
}

export interface ExportRequest {
  q?: string
  since?: string
  until?: string
  format?: string
}

export interface Checkpoint {
  name: string
  status: string
  note?: string
  progress: number
  data?: JSONValue
  data_bytes?: number
  saved: string
  logger?: string
  source_id?: string
}

export interface CheckpointList {
  checkpoints: Checkpoint[]
  total: number
  overall: number
  complete: boolean
  reason?: string
}

export interface CheckpointRequest {
  status?: string
  note?: string
  progress?: number
  data?: JSONValue
}

export interface LevelList {
  levels: LoggerLevel[]
}

export interface LoggerLevel {
  logger: string
  level: string
  own: boolean
  until?: string
}

export interface LevelRequest {
  logger: string
  level: string | null
  for?: string
}

export interface ErrorBody {
  error: ErrorDetail
}

export interface ErrorDetail {
  code: string
  message: string
  hint?: string
}
