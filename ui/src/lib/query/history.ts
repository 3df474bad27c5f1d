/** Queries to remember: as many as a menu can show without scrolling twice. */
export const MAX_HISTORY = 30

/** History with `query` first, without repetition. */
export function remember(history: readonly string[], query: string): string[] {
  const typed = query.trim()
  if (typed === '') return [...history]
  return [typed, ...history.filter((other) => other !== typed)].slice(0, MAX_HISTORY)
}

/** Entries that contain what is typed, but for itself. */
export function suggestions(history: readonly string[], typed: string, limit: number): string[] {
  const needle = typed.trim().toLowerCase()
  return history.filter((query) => query !== typed.trim() && query.toLowerCase().includes(needle)).slice(0, limit)
}
