/** A piece of a query, as far as the page needs to know: the server parses it. */
export type Token =
  | { kind: 'text'; text: string; negated: boolean }
  | { kind: 'term'; text: string; negated: boolean }
  | { kind: 'operator'; text: 'AND' | 'OR' | 'NOT' | '(' | ')' }

// A field with its operator; what follows belongs to the term.
const FIELD = /^(?:[\p{L}_@][\p{L}\p{N}_.@$/#%-]*|"(?:[^"\\]|\\.)*")(?::(?!\/\/)|[<>])(?=.)/u

/** Splits a query into words, phrases, field terms and operators. It never fails. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let negated = false
  while (at < query.length) {
    const char = query[at] as string
    if (/\s/.test(char)) {
      at++
    } else if (char === '(' || char === ')') {
      tokens.push({ kind: 'operator', text: char })
      at++
      negated = false
    } else if (char === '-' && at + 1 < query.length && !/\s/.test(query[at + 1] as string)) {
      negated = true
      at++
    } else {
      const raw = readWord(query, at)
      at += raw.length
      const token = classify(raw, negated)
      tokens.push(token)
      negated = token.kind === 'operator' && token.text === 'NOT'
    }
  }
  return tokens
}

function classify(raw: string, negated: boolean): Token {
  if (raw === 'AND' || raw === 'OR' || raw === 'NOT') return { kind: 'operator', text: raw }
  if (FIELD.test(raw)) return { kind: 'term', text: raw, negated }
  return { kind: 'text', text: raw.startsWith('"') ? unquote(raw) : raw, negated }
}

// Reads up to the next space, or a parenthesis that the word did not open, stepping
// over quotes and regular expressions, which may hold both.
function readWord(query: string, start: number): string {
  let at = start
  let open = 0
  while (at < query.length) {
    const char = query[at] as string
    if (/\s/.test(char) || (char === ')' && open === 0)) break
    if (char === '(') open++
    if (char === ')') open--
    const opensRegexp = char === '/' && query[at - 1] === ':' && at > start
    if (char === '"' || opensRegexp) at = skipDelimited(query, at, char)
    else at++
  }
  return query.slice(start, Math.max(at, start + 1))
}

function skipDelimited(query: string, start: number, delimiter: string): number {
  let at = start + 1
  while (at < query.length && query[at] !== delimiter) at += query[at] === '\\' ? 2 : 1
  return Math.min(at + 1, query.length)
}

function unquote(text: string): string {
  return text.replace(/^"|"$/g, '').replace(/\\(["\\])/g, '$1')
}

/** A text as a phrase of the search language. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}
