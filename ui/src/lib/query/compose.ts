import { LEVELS } from '../format/level'
import { ExactNumber } from '../records/exact'
import { quote, tokenize } from './tokens'

/**
 * The query that goes to the server: what was typed, and the levels chosen.
 * `plain` says that the text does not parse; it is then searched as a phrase, so
 * that the levels still count. No level chosen means all.
 */
export function compose(text: string, plain: boolean, levels: ReadonlySet<string>): string {
  const typed = text.trim()
  const base = plain && typed !== '' ? quote(typed) : typed
  const chosen = LEVELS.filter((level) => levels.has(level))
  if (chosen.length === 0 || chosen.length === LEVELS.length) return base
  const terms = chosen.map((level) => `level:${level}`)
  const level = terms.length === 1 ? (terms[0] as string) : `(${terms.join(' OR ')})`
  if (base === '') return level
  return `${hasOr(base) ? `(${base})` : base} ${level}`
}

// An OR outside all parentheses would take in what is added. One inside them must
// stay as it is: since: and until: are not understood inside more parentheses.
function hasOr(query: string): boolean {
  let depth = 0
  for (const token of tokenize(query)) {
    if (token.kind !== 'operator') continue
    if (token.text === '(') depth++
    else if (token.text === ')') depth--
    else if (token.text === 'OR' && depth === 0) return true
  }
  return false
}

/** `query` with a term for one field's value added, or excluded. */
export function addTerm(query: string, field: string, value: unknown, exclude: boolean): string {
  const term = `${exclude ? '-' : ''}${fieldTerm(field, value)}`
  const typed = query.trim()
  if (typed === '') return term
  if (tokenize(typed).some((token) => token.kind === 'term' && (token.negated ? '-' : '') + token.text === term)) {
    return typed
  }
  return `${hasOr(typed) ? `(${typed})` : typed} ${term}`
}

/** The term that finds records whose field has this value. */
export function fieldTerm(field: string, value: unknown): string {
  return `${fieldName(field)}:${termValue(value)}`
}

// Any other name is written in quotes, as the keywords are when they are names.
function fieldName(field: string): string {
  const plain = /^[\p{L}_@][\p{L}\p{N}_@.$/#%-]*$/u.test(field) && !/[-./]$/.test(field)
  return plain && !/^(since|until|has)$/.test(field) ? field : quote(field)
}

function termValue(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber) {
    const text = String(value)
    return text.startsWith('-') ? quote(text) : text
  }
  const text = String(value)
  return /^[\p{L}\p{N}_][\p{L}\p{N}_.@-]*$/u.test(text) && !text.includes('..') ? text : quote(text)
}

/** Whether a term can be made of it: a scalar that has a name and is not too long. */
export function canFilter(field: string, value: unknown): boolean {
  if (field === '' || field.length > MAX_TERM) return false
  if (value === null || value === undefined) return false
  if (typeof value === 'string') return value.length > 0 && value.length <= MAX_TERM
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof ExactNumber
}

/** The longest value that a click puts into the search box: longer ones make the address unwieldy. */
const MAX_TERM = 500
