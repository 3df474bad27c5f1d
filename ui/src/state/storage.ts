/**
 * What the browser remembers for this page. Browsers may refuse (private windows,
 * policies, a full disk): then nothing is remembered and everything else works.
 */
export function load(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function save(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Refused: see above.
  }
}
