import { load, save } from './storage'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'weir.theme'

/** The colour scheme: as the system has it, or as chosen here and remembered. */
export class ThemeState {
  current = $state<Theme>('system')

  constructor() {
    const saved = load(KEY)
    this.current = THEMES.find((theme) => theme === saved) ?? 'system'
    this.#apply()
  }

  next(): void {
    this.current = THEMES[(THEMES.indexOf(this.current) + 1) % THEMES.length] ?? 'system'
    save(KEY, this.current)
    this.#apply()
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.current
  }
}
