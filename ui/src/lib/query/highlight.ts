import { tokenize } from './tokens'

export interface Segment {
  text: string
  hit: boolean
}

/** The words of a query that are looked for in messages, for marking them there. */
export function searchedWords(query: string, plain: boolean): string[] {
  if (plain) return query.trim() === '' ? [] : [query.trim()]
  const words = new Set<string>()
  for (const token of tokenize(query)) {
    if (token.kind === 'text' && !token.negated && token.text !== '') words.add(token.text)
    if (token.kind === 'term' && !token.negated) {
      const value = /^message:"?([^"/*]+)"?$/.exec(token.text)?.[1]
      if (value) words.add(value)
    }
  }
  return [...words]
}

/** A pattern that finds any of the words in any case; undefined when there is none. */
export function wordPattern(words: readonly string[]): RegExp | undefined {
  if (words.length === 0) return undefined
  // The longest first: of two that begin alike, the longer one is marked.
  const sorted = [...words].sort((a, b) => b.length - a.length)
  return new RegExp(sorted.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'giu')
}

/** Splits text into what the pattern hits and what lies between. */
export function segments(text: string, pattern: RegExp | undefined): Segment[] {
  if (pattern === undefined) return [{ text, hit: false }]
  const parts: Segment[] = []
  let at = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index), hit: false })
    parts.push({ text: match[0], hit: true })
    at = match.index + match[0].length
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at), hit: false })
  return parts
}
