// The way to the server breaks; nothing is lost, nothing comes twice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { launchBrowser, openPage } from './browser.mjs'
import { Line } from './line.mjs'
import { lineNumber, until } from './logspage.mjs'
import { numbered } from './samples.mjs'
import { Weir } from './weir.mjs'

/** What Chromium says about a server that is away. */
const AWAY = /net::ERR_(CONNECTION|INCOMPLETE_CHUNKED|EMPTY_RESPONSE|SOCKET)/

/** Small batches: the server dies in the middle of many. */
const SENT_AT_ONCE = 5

/** Records that must arrive before and after each crash. */
const RUN = 300

/** The most that the page catches up on by itself; the rest is a gap (RESUME_REPLAY). */
const CATCH_UP = 10_000

let browser

before(async () => {
  browser = await launchBrowser()
})

after(() => browser?.close())

/**
 * Sends numbered records until it is stopped, each batch until it is acknowledged.
 * A try that was cut off may have been stored: every try has a name of its own.
 */
class Poster {
  acknowledged = []
  tries = 0
  #stopped = false

  constructor(weir) {
    this.done = this.#run(weir)
  }

  async #run(weir) {
    for (let batch = 0; !this.#stopped; ) {
      const name = `batch ${batch} try ${++this.tries}`
      const records = Array.from({ length: SENT_AT_ONCE }, (_, i) => ({ level: 'INFO', message: `${name} record ${i}.` }))
      try {
        await weir.postOnce(records)
        this.acknowledged.push(...records.map((record) => record.message))
        batch++
      } catch {
        // Not acknowledged: sent again, as any good sender does.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  async stop() {
    this.#stopped = true
    await this.done
  }

  untilMore() {
    const goal = this.acknowledged.length + RUN
    return until('more records are acknowledged', () => this.acknowledged.length >= goal)
  }
}

test('the server is killed and comes back, twice, while records are sent', async () => {
  const weir = await Weir.start()
  let poster
  try {
    const logs = await openPage(browser, weir, { expected: AWAY })
    await logs.untilLive()
    poster = new Poster(weir)
    for (let crash = 1; crash <= 2; crash++) {
      await poster.untilMore()
      await until('the page shows some', async () => (await logs.count('shown')) >= crash * RUN)
      await weir.kill()
      await logs.page.locator('[data-connection=waiting]').waitFor()
      await weir.restart()
      await logs.untilLive()
      await poster.untilMore()
    }
    await poster.stop()

    const stored = await weir.search()
    await logs.untilShown(stored.length)
    const rows = await logs.readAll()
    assert.deepEqual(rows.filter((row) => row.gap), [], 'no gap')
    assert.deepEqual(rows.map((row) => row.id), stored.map((record) => record.id), 'the list is what is stored')
    const times = new Map()
    for (const record of stored) times.set(record.message, (times.get(record.message) ?? 0) + 1)
    const wrong = poster.acknowledged.filter((message) => times.get(message) !== 1)
    assert.deepEqual(wrong, [], 'every acknowledged record exactly once')
    assert.doesNotMatch(await logs.page.locator('[data-counters]').textContent(), /repeated/)
    assert.equal(await logs.count('skipped'), 0)
    assert.equal(await logs.count('received'), stored.length)
    logs.assertFaultless()
    await logs.close()
  } finally {
    await poster?.stop()
    await weir.close()
  }
})

test('what a page missed is a gap that loads', async () => {
  const weir = await Weir.start()
  const line = await Line.open(weir.url)
  try {
    const before = 20
    const missed = CATCH_UP + 1_500
    await weir.post(numbered(0, before))
    const logs = await openPage(browser, line, { expected: AWAY })
    await logs.untilShown(before)
    line.cut()
    await logs.page.locator('[data-connection=waiting]').waitFor()
    await weir.post([...numbered(before, missed - 1), { kind: 'divider', message: 'deploy 42' }])
    line.mend()
    await logs.untilLive()
    await logs.untilShown(before + CATCH_UP)
    await until('the gap is counted', async () => (await logs.count('skipped')) === missed - CATCH_UP)
    assert.match(await logs.page.locator('.divider').textContent(), /deploy 42/)

    await logs.scrollTo(0)
    const gap = logs.page.locator('[data-gap=replay]')
    assert.match(await gap.textContent(), /1,500 records skipped while this page was away/)
    await logs.watchAnchor()
    await gap.getByRole('button', { name: 'load' }).click()
    await logs.untilShown(before + CATCH_UP + 1_000)
    assert.equal((await logs.anchor()).moved, 0, 'what is below the gap stays where it is')
    // The head, the first records, and those that were loaded lie before it.
    await logs.scrollToRow(1 + before + 1_000 + 1)
    assert.match(await gap.textContent(), /^ *500 records/)
    await gap.getByRole('button', { name: 'load' }).click()
    await logs.untilShown(before + missed)
    const rows = await logs.readAll()
    assert.equal(rows.length, before + missed)
    rows.slice(0, -1).forEach((row, i) => assert.equal(lineNumber(row.text), i))
    assert.equal(rows.at(-1).text, 'deploy 42')
    logs.assertFaultless()
    await logs.close()
  } finally {
    await line.close()
    await weir.close()
  }
})
