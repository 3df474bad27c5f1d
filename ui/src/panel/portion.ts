/** Characters of a text shown at first: some 200 lines, laid out in a millisecond or two. */
export const FIRST_LENGTH = 20_000

/** Characters that one click adds. */
export const STEP_LENGTH = 512_000

/**
 * Characters in a chunk, which the browser lays out only when it is near: 512 kB as
 * one text took 1.8 s.
 */
export const CHUNK_LENGTH = 16_000

/** How much is shown after asking for more. */
export function nextLength(shown: number, total: number): number {
  return Math.min(total, shown + STEP_LENGTH)
}

/** The first `length` characters in chunks: cut after a line end where there is one, never inside a character. */
export function chunks(text: string, length: number): string[] {
  const parts: string[] = []
  const end = Math.min(length, text.length)
  let at = 0
  while (end - at > CHUNK_LENGTH) {
    const cut = chunkEnd(text, at)
    parts.push(text.slice(at, cut))
    at = cut
  }
  parts.push(text.slice(at, end))
  return parts
}

function chunkEnd(text: string, start: number): number {
  const limit = start + CHUNK_LENGTH
  const line = text.lastIndexOf('\n', limit - 1)
  if (line > start) return line + 1
  const code = text.charCodeAt(limit - 1)
  return code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit
}
