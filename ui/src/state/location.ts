import { isLevel, LEVELS, type Level } from '../lib/format/level'

export const TABS = ['logs', 'checkpoints'] as const
export type Tab = (typeof TABS)[number]

/** What the address keeps, so that a reload or a sent link shows the same. */
export interface PageState {
  q: string
  levels: ReadonlySet<Level>
  /** The record that is open. */
  id: string | undefined
  tab: Tab
}

/** Reads the part of the address after '#'. Whatever it cannot read is left out. */
export function parseHash(hash: string): PageState {
  const params = new URLSearchParams(hash.replace(/^#/, ''))
  const levels = (params.get('level') ?? '').toUpperCase().split(',').filter(isLevel)
  const id = params.get('id') ?? ''
  return {
    q: params.get('q') ?? '',
    levels: new Set(levels),
    id: /^\d+$/.test(id) ? id : undefined,
    tab: TABS.find((tab) => tab === params.get('tab')) ?? 'logs',
  }
}

/** The address for a state: empty when there is nothing to keep. */
export function formatHash(state: PageState): string {
  const params = new URLSearchParams()
  if (state.q !== '') params.set('q', state.q)
  const levels = LEVELS.filter((level) => state.levels.has(level))
  if (levels.length > 0) params.set('level', levels.join(','))
  if (state.id !== undefined) params.set('id', state.id)
  if (state.tab !== 'logs') params.set('tab', state.tab)
  const text = params.toString()
  return text === '' ? '' : `#${text}`
}
