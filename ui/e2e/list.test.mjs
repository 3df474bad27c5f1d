// A long list: complete, bounded, and still while somebody reads it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { launchBrowser, openPage } from './browser.mjs'
import { lineNumber, number, until } from './logspage.mjs'
import { lineOf, numbered } from './samples.mjs'
import { BATCH, Weir } from './weir.mjs'

const MANY = 100_000
const MORE = 5_000

/** Rows that a screen of 900 px may need in the document: those in sight and some beyond. */
const MAX_ROWS = 80

let weir, browser, logs

before(async () => {
  weir = await Weir.start()
  browser = await launchBrowser()
  logs = await openPage(browser, weir)
  await logs.untilLive()
})

after(async () => {
  await browser?.close()
  await weir?.close()
})

// While the list holds everything from the first record on, the row of record n is
// n + 2: the head is row 1. Without anything missing, doubled or out of order, every
// row says its number.
async function assertNumbered() {
  const rows = await logs.rows()
  assert.ok(rows.length > 10 && rows.length <= MAX_ROWS, `${rows.length} rows in the document`)
  for (const row of rows) assert.equal(lineNumber(row.text), row.index - 2, `row ${row.index}: ${row.text}`)
  return rows.filter((row) => row.visible)
}

test('100,000 records arrive in an open page', async () => {
  for (let at = 0; at < MANY; at += BATCH) await weir.post(numbered(at, BATCH))
  await until('all records are shown or declared', async () => {
    return (await logs.count('shown')) + (await logs.count('skipped')) >= MANY
  })
  for (let left = await logs.count('skipped'); left > 0; ) {
    await logs.readAll()
    const shown = await logs.count('shown')
    await logs.page.locator('[data-gap] button').first().click()
    await until('the gap loads', async () => (await logs.count('shown')) > shown)
    left = MANY - (await logs.count('shown'))
  }
  await logs.untilShown(MANY)
  await until('the count of passed records', async () => (await logs.count('received')) + (await logs.count('skipped')) === MANY)
  assert.equal(await logs.page.locator('[data-gap]').count(), 0)
  assert.equal(await logs.page.getByRole('grid').getAttribute('aria-rowcount'), String(MANY + 1))
  const rows = await assertNumbered()
  assert.equal(lineNumber(rows.at(-1).text), MANY - 1, 'the list follows')
  assert.equal(await logs.fresh(), undefined)
})

test('the list is read by wheel, keys and scroll bar', async () => {
  const { page } = logs
  await logs.scroller.hover()
  const end = await logs.scrollTop()
  await page.mouse.wheel(0, -2_400)
  await until('the wheel scrolled', async () => (await logs.scrollTop()) <= end - 2_400)
  await assertNumbered()
  assert.equal(await logs.fresh(), 0, 'the list no longer follows')

  await page.keyboard.press('Home')
  await logs.drawn()
  assert.equal(lineNumber((await assertNumbered())[0].text), 0)
  await page.keyboard.press('PageDown')
  await logs.drawn()
  const first = lineNumber((await assertNumbered())[0].text)
  assert.ok(first > 20 && first < 60, `a screen further is line ${first}`)
  await page.keyboard.press('PageUp')
  await logs.drawn()
  assert.equal(lineNumber((await assertNumbered())[0].text), 0)
  await page.keyboard.press('End')
  await logs.drawn()
  assert.equal(lineNumber((await assertNumbered()).at(-1).text), MANY - 1)
  assert.equal(await logs.fresh(), undefined, 'End follows')

  for (const part of [0, 0.1, 0.25, 0.5, 0.50001, 0.77, 0.999, 1]) {
    await logs.scrollTo(part)
    const middle = (await assertNumbered())[15]
    assert.ok(Math.abs(lineNumber(middle.text) - part * MANY) < 60, `at ${part}: ${middle.text}`)
  }
})

test('what is read stands still while records arrive, and the new ones are counted', async () => {
  await logs.scrollTo(0.5)
  await logs.watchAnchor()
  await weir.post(numbered(MANY, MORE))
  await until('the new records are counted', async () => (await logs.fresh()) === MORE)
  await logs.drawn()
  const { frames, moved, lost } = await logs.anchor()
  assert.ok(frames > 3, `${frames} frames`)
  assert.equal(lost, 0, 'the row was away for some frames')
  assert.equal(moved, 0, 'the row moved by so many pixels')
  assert.match(await logs.pill.textContent(), /5,000 new/)

  await logs.pill.click()
  await logs.drawn()
  assert.equal(lineNumber((await logs.visibleRows()).at(-1).text), MANY + MORE - 1)
  assert.equal(await logs.fresh(), undefined)
})

test('a full list keeps the oldest records for whoever reads them', async () => {
  await logs.scrollTo(0)
  // The head of the list asks for what had to leave; only then is the top the top.
  await until('the beginning', async () => {
    await logs.page.keyboard.press('Home')
    await logs.drawn()
    return lineNumber((await logs.visibleRows())[0]?.text ?? '') === 0
  })
  const fresh = await logs.fresh()
  await logs.watchAnchor()
  await weir.post(numbered(MANY + MORE, MORE))
  await until('the new records are counted', async () => (await logs.fresh()) === fresh + MORE)
  const { moved, lost } = await logs.anchor()
  assert.deepEqual({ moved, lost }, { moved: 0, lost: 0 })

  await logs.page.keyboard.press('G')
  const last = lineOf(MANY + 2 * MORE - 1)
  await until('the newest record', async () => (await logs.visibleRows()).at(-1)?.text.startsWith(last))
})

test('a pause holds everything back and loses nothing', async () => {
  const first = MANY + 2 * MORE
  await logs.untilLive()
  await logs.drawn()
  const shown = await logs.count('shown')
  await logs.page.keyboard.press('p')
  await logs.page.locator('[data-connection=paused]').waitFor()
  await logs.page.evaluate(() => {
    window.painted = 0
    const observer = new MutationObserver((changes) => (window.painted += changes.length))
    observer.observe(document.querySelector('.rows'), { childList: true, subtree: true, characterData: true, attributes: true })
  })
  await weir.post(numbered(first, 1_234))
  await until('the waiting records are counted', async () => /1,234 waiting/.test(await logs.pause.textContent()))
  assert.equal(await logs.page.evaluate(() => window.painted), 0, 'rows changed during the pause')
  assert.equal(await logs.count('shown'), shown)

  await logs.pause.click()
  await logs.drawn()
  assert.equal(await logs.count('shown'), shown + 1_234)
  const rows = await logs.visibleRows()
  rows.forEach((row, i) => assert.equal(lineNumber(row.text), first + 1_234 - rows.length + i))
  assert.equal(number(await logs.page.locator('[data-count=skipped]').textContent()), 0)
  logs.assertFaultless()
})
