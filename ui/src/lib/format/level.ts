export const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const

/** A level, or OTHER for a text that is none. */
export type Level = (typeof LEVELS)[number] | 'OTHER'

const known = new Set<string>(LEVELS)

export function levelOf(text: string | undefined): Level {
  return text !== undefined && known.has(text) ? (text as Level) : 'OTHER'
}

export function isLevel(text: string): text is (typeof LEVELS)[number] {
  return known.has(text)
}
