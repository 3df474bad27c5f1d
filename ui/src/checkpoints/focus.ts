/** Moves the focus by so many of the elements that match; to the first when none has it. */
export function moveFocus(parent: HTMLElement, selector: string, step: number): boolean {
  const all = [...parent.querySelectorAll<HTMLElement>(selector)]
  if (all.length === 0) return false
  const at = all.findIndex((element) => element.contains(document.activeElement))
  const next = at < 0 ? 0 : Math.min(Math.max(0, at + step), all.length - 1)
  all[next]?.focus()
  return true
}
