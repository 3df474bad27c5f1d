export type KeyAction =
  | 'search'
  | 'next'
  | 'previous'
  | 'open'
  | 'close'
  | 'oldest'
  | 'newest'
  | 'page up'
  | 'page down'
  | 'pause'
  | 'checkpoints'
  | 'levels'
  | 'help'

const ACTIONS: Record<string, KeyAction> = {
  '/': 'search',
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Enter: 'open',
  Escape: 'close',
  g: 'oldest',
  Home: 'oldest',
  G: 'newest',
  End: 'newest',
  PageUp: 'page up',
  PageDown: 'page down',
  p: 'pause',
  c: 'checkpoints',
  l: 'levels',
  '?': 'help',
}

/** What a key means for the list; undefined when it belongs to something else. */
export function keyAction(event: KeyboardEvent): KeyAction | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return undefined
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest('input, textarea, select, dialog, [contenteditable]')) return undefined
  const action = ACTIONS[event.key]
  if (action === 'open' && target?.closest('button, a, summary')) return undefined
  // In the panel, arrows and ends scroll what is read there.
  if (target?.closest('aside') && /^(Arrow|Page|Home|End)/.test(event.key)) return undefined
  return action
}
