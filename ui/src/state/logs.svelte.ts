import { checkQuery, errorText, fetchRecord } from '../lib/api'
import type { Level } from '../lib/format/level'
import { HEAD_ROWS } from '../lib/list/recordlist'
import { addTerm, compose } from '../lib/query/compose'
import { searchedWords, wordPattern } from '../lib/query/highlight'
import type { LogRecord } from '../lib/wire.gen'
import { FeedState } from './feed.svelte'
import { formatHash, parseHash, type Tab } from './location'
import { QueryHistory } from './queries.svelte'

/** How long typing rests before it is searched for. */
const DEBOUNCE_MS = 300

/** What the address names: the tab, and what the Logs tab shows: the query, the chosen levels, the open record. */
export class LogsState {
  readonly feed = new FeedState()
  readonly history = new QueryHistory()
  /** What the search box holds. */
  text = $state('')
  levels = $state.raw<ReadonlySet<Level>>(new Set())
  /** Why the text is searched as plain text. */
  plainText = $state<string | undefined>()
  /** The row that is marked, by its key. */
  selectedKey = $state<number | undefined>()
  /** The record in the panel; it stays when its row leaves the list. */
  open = $state.raw<LogRecord | undefined>()
  openError = $state<string | undefined>()
  /** The part of the page that is shown. */
  tab = $state<Tab>('logs')

  #applied = $state('')
  /** Finds in a text what is searched for. */
  readonly pattern = $derived(wordPattern(searchedWords(this.#applied, this.plainText !== undefined)))

  #timer: ReturnType<typeof setTimeout> | undefined
  #check = new AbortController()

  /** Takes what the address says and starts. */
  start(): void {
    this.#readHash()
    window.addEventListener('hashchange', () => this.#readHash())
    void this.#apply()
  }

  /** The search box changed; it is searched for once typing rests. */
  type(text: string): void {
    this.text = text
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#apply(), DEBOUNCE_MS)
  }

  /** Searches for this text now. */
  submit(text: string): void {
    this.text = text
    this.history.add(text)
    void this.#apply()
  }

  toggleLevel(level: Level): void {
    const levels = new Set(this.levels)
    if (!levels.delete(level)) levels.add(level)
    this.levels = levels
    void this.#apply()
  }

  clearFilters(): void {
    this.levels = new Set()
    this.submit('')
  }

  showTab(tab: Tab): void {
    this.tab = tab
    this.#writeHash()
  }

  get filtered(): boolean {
    return this.text.trim() !== '' || this.levels.size > 0
  }

  addFilter(field: string, value: unknown, exclude: boolean): void {
    this.submit(addTerm(this.plainText === undefined ? this.text : '', field, value, exclude))
  }

  /** Marks the row of this key and shows its record when the panel is open or wanted. */
  select(key: number, show: boolean): void {
    const row = this.feed.list.store.at(this.feed.list.store.indexOfKey(key))
    if (row === undefined) return
    this.selectedKey = key
    if (row.kind === 'record' && (show || this.open)) this.show(row.record)
  }

  show(record: LogRecord): void {
    this.open = record
    this.openError = undefined
    this.#writeHash()
  }

  /** Opens the record of the marked row, or loads the gap that it is. */
  enter(): void {
    const { store } = this.feed.list
    const row = this.selectedKey === undefined ? undefined : store.at(store.indexOfKey(this.selectedKey))
    if (row?.kind === 'record') this.show(row.record)
    else if (row?.kind === 'gap') void this.feed.loadGap(row.key)
  }

  close(): void {
    this.open = undefined
    this.openError = undefined
    this.#writeHash()
  }

  /** Moves the mark by so many rows; from the end of what is seen when there is none. */
  move(by: number): void {
    const { list } = this.feed
    if (list.store.length === 0) return
    const at = this.selectedKey === undefined ? -1 : list.store.indexOfKey(this.selectedKey)
    const from = at >= 0 ? at + by : list.viewport.lastVisible - HEAD_ROWS
    const index = Math.min(Math.max(0, from), list.store.length - 1)
    const row = list.store.at(index)
    if (row === undefined) return
    list.viewport.reveal(HEAD_ROWS + index)
    this.select(row.key, false)
    this.feed.touch()
  }

  async #apply(): Promise<void> {
    clearTimeout(this.#timer)
    this.#check.abort()
    const check = (this.#check = new AbortController())
    const text = this.text
    this.#writeHash()
    let plain: string | undefined
    if (text.trim() !== '') {
      try {
        plain = await checkQuery(text, check.signal)
      } catch {
        // The stream says whether the server is there; the query goes to it as typed.
      }
      if (check.signal.aborted) return
    }
    const query = compose(text, plain !== undefined, this.levels)
    this.plainText = plain
    this.#applied = text
    this.selectedKey = undefined
    if (query !== this.feed.query || this.feed.phase.kind === 'closed') this.feed.open(query)
  }

  #readHash(): void {
    const state = parseHash(location.hash)
    const changed = state.q !== this.text || formatHash({ ...state, id: undefined, tab: this.tab }) !== this.#hash(undefined)
    this.text = state.q
    this.levels = state.levels
    this.tab = state.tab
    if (state.id === undefined) this.open = undefined
    else if (state.id !== this.open?.id) void this.#fetch(state.id)
    if (changed && this.feed.phase.kind !== 'closed') void this.#apply()
  }

  async #fetch(id: string): Promise<void> {
    try {
      this.show(await fetchRecord(id))
    } catch (error) {
      this.openError = `Record ${id}: ${errorText(error)}`
    }
  }

  #hash(id: string | undefined): string {
    return formatHash({ q: this.text, levels: this.levels, id, tab: this.tab })
  }

  #writeHash(): void {
    const hash = this.#hash(this.open?.id)
    if (hash !== location.hash) history.replaceState(null, '', hash === '' ? location.pathname + location.search : hash)
  }
}
