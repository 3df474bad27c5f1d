// The Logs tab as a reader meets it: what it shows, and what can be done there.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

/** How long a condition may take to come true: generous, since tests share their machine. */
const UNTIL_MS = 30_000

/** How often a condition is looked at. */
const LOOK_MS = 25

/** A height at which a long list is read in few steps. */
const READING_HEIGHT = 6_000

/** The page's rows, as lib/list/viewport.ts has them. */
const ROW_HEIGHT = 24

/** Waits until `look` returns something true and returns that. `what` says what was waited for. */
export async function until(what, look, timeout = UNTIL_MS) {
  const end = Date.now() + timeout
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`)
    await delay(LOOK_MS)
  }
}

export class LogsPage {
  constructor(page, faults) {
    this.page = page
    this.faults = faults
    this.scroller = page.locator('.scroller')
    this.search = page.getByRole('combobox', { name: 'Search' })
    this.panel = page.locator('[data-panel]')
    this.pill = page.locator('.pill')
    this.pause = page.locator('[aria-pressed][title*="(p)"]')
  }

  async close() {
    await this.page.context().close()
  }

  /** Fails when the page did something that it must never do. */
  assertFaultless() {
    assert.deepEqual(this.faults, [])
  }

  /** A counter of the header: shown, received, skipped. */
  async count(name) {
    return number(await this.page.locator(`[data-count=${name}]`).textContent())
  }

  async untilShown(count, timeout) {
    await until(`${count} records are shown`, async () => (await this.count('shown')) === count, timeout)
  }

  async untilLive() {
    await this.page.locator('[data-connection=live]').waitFor()
  }

  /** How many records the button to the newest names; undefined while the list follows. */
  async fresh() {
    if ((await this.pill.count()) === 0) return undefined
    return Number(await this.pill.getAttribute('data-fresh'))
  }

  /** Types a search and waits until the list is the one for it. */
  async searchFor(text) {
    await this.search.fill(text)
    await this.search.press('Enter')
  }

  level(name) {
    return this.page.locator(`.chip[data-level=${name}]`)
  }

  /**
   * The rows in the document, top down: `index` as assistive technology counts them
   * (the list's head is 1), whether they are in sight, and what they say.
   */
  rows() {
    return this.page.evaluate(() => {
      const sight = document.querySelector('.scroller').getBoundingClientRect()
      return [...document.querySelectorAll('.rows > [data-key]')].map((row) => {
        const { top, bottom } = row.getBoundingClientRect()
        const { id, level, gap } = row.dataset
        return {
          index: Number(row.ariaRowIndex ?? row.getAttribute('aria-rowindex')),
          id,
          level,
          gap,
          text: (row.querySelector('.text, .label, .words') ?? row).textContent,
          visible: top >= sight.top - 0.5 && bottom <= sight.bottom + 0.5,
        }
      })
    })
  }

  async visibleRows() {
    return (await this.rows()).filter((row) => row.visible)
  }

  scrollTop() {
    return this.scroller.evaluate((element) => element.scrollTop)
  }

  /** Scrolls to a part of the list, 0 the top and 1 the end, and waits until it is drawn. */
  async scrollTo(part) {
    await this.scroller.evaluate(async (element, part) => {
      element.scrollTop = Math.round((element.scrollHeight - element.clientHeight) * part)
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      await frame()
      await frame()
    }, part)
  }

  /** Scrolls until the row of this index is near the middle of the screen, and waits until it is drawn. */
  async scrollToRow(index) {
    await this.scroller.evaluate((element, top) => {
      element.scrollTop = Math.max(0, top - element.clientHeight / 2)
    }, (index - 1) * ROW_HEIGHT)
    await this.drawn()
  }

  /** Two frames: what was decided is drawn. */
  async drawn() {
    await this.page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      await frame()
      await frame()
    })
  }

  /** Reads the whole list from the top to the end: every row once, in order. */
  async readAll() {
    const size = this.page.viewportSize()
    await this.page.setViewportSize({ ...size, height: READING_HEIGHT })
    const rows = await this.page.evaluate(async (rowHeight) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      const scroller = document.querySelector('.scroller')
      const seen = new Map()
      for (let top = 0; ; ) {
        scroller.scrollTop = top
        await frame()
        await frame()
        for (const row of document.querySelectorAll('.rows > [data-key]')) {
          const { id, gap } = row.dataset
          const text = (row.querySelector('.text, .label, .words') ?? row).textContent
          seen.set(Number(row.getAttribute('aria-rowindex')), { id, gap, text })
        }
        if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) break
        top = scroller.scrollTop + scroller.clientHeight - rowHeight
      }
      return [...seen].sort((a, b) => a[0] - b[0]).map(([index, row]) => ({ index, ...row }))
    }, ROW_HEIGHT)
    await this.page.setViewportSize(size)
    await this.drawn()
    rows.forEach((row, i) => assert.equal(row.index, (rows[0]?.index ?? 0) + i, 'a row was passed over in reading'))
    return rows
  }

  /** Loads older records until there are none. */
  async loadAllOlder() {
    await until('the beginning of the records', async () => {
      await this.page.keyboard.press('Home')
      await this.drawn()
      return (await this.page.locator('.head').getAttribute('data-older').catch(() => null)) === 'end'
    })
  }

  /** Notes where the row in the middle of the screen is, and looks at it in every frame until `release`. */
  async watchAnchor() {
    await this.page.evaluate(() => {
      const sight = document.querySelector('.scroller').getBoundingClientRect()
      const middle = (sight.top + sight.bottom) / 2
      const row = [...document.querySelectorAll('.rows > [data-id]')].find((row) => row.getBoundingClientRect().bottom > middle)
      const { id } = row.dataset
      const watch = { id, start: row.getBoundingClientRect().top, frames: 0, moved: 0, lost: 0, on: true }
      const look = () => {
        if (!watch.on) return
        watch.frames++
        const now = document.querySelector(`.rows > [data-id="${id}"]`)
        if (now) watch.moved = Math.max(watch.moved, Math.abs(now.getBoundingClientRect().top - watch.start))
        else watch.lost++
        requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
      window.anchorWatch = watch
    })
  }

  /** What the watch saw: the row's id, frames, the farthest it moved in pixels, frames without it. */
  anchor() {
    return this.page.evaluate(() => {
      window.anchorWatch.on = false
      return window.anchorWatch
    })
  }
}

/** Numbers as the page writes them. */
export function number(text) {
  return Number(text.replace(/[^\d-]/g, ''))
}

/** The number in a sample's message; undefined for other records. */
export function lineNumber(text) {
  const digits = /^line (\d{6})/.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
