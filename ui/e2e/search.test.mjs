// What is searched for is what is shown, kept in the address, and exported.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'

import { launchBrowser, openPage } from './browser.mjs'
import { lineNumber, until } from './logspage.mjs'
import { lineOf, numbered } from './samples.mjs'
import { Weir } from './weir.mjs'

/** Fewer than a page begins with, so that the list holds all of them. */
const COUNT = 400
const samples = numbered(0, COUNT)
const odd = { level: 'WARN', service: 'proxy', message: 'upstream said (bad gateway' }

let weir, browser, logs

before(async () => {
  weir = await Weir.start()
  browser = await launchBrowser()
  await weir.post([...samples, odd])
  logs = await openPage(browser, weir, { acceptDownloads: true })
  await logs.untilShown(COUNT + 1)
})

after(async () => {
  await browser?.close()
  await weir?.close()
})

/** Asserts that the list is exactly the samples that `wanted` keeps, in order. */
async function assertShown(wanted) {
  const expected = samples.filter(wanted).map((sample) => sample.number)
  // The list of the search before may have as many records, so their number does not tell
  // that this is the new one.
  let shown = []
  const isIt = async () => {
    shown = (await logs.readAll()).map((row) => lineNumber(row.text))
    return isDeepStrictEqual(shown, expected)
  }
  await logs.untilShown(expected.length)
  await until('the list is the one that was searched for', isIt).catch(() => assert.deepEqual(shown, expected))
}

async function clear() {
  await logs.page.getByRole('button', { name: 'Clear search and levels' }).click()
  await logs.untilShown(COUNT + 1)
}

const searches = [
  ['a part of the message', '00039', (sample) => sample.message.includes('00039')],
  ['a phrase', `"${lineOf(123)}"`, (sample) => sample.number === 123],
  ['a field', 'service:orders', (sample) => sample.service === 'orders'],
  ['an attribute inside another', 'user.plan:pro', (sample) => sample.user.plan === 'pro'],
  ['a range', 'duration_ms:100..199', (sample) => sample.duration_ms >= 100 && sample.duration_ms <= 199],
  ['a comparison', 'number>=350', (sample) => sample.number >= 350],
  ['a level and above', 'level>=error', (sample) => ['ERROR', 'FATAL'].includes(sample.level)],
  ['without a value', '-service:orders -service:proxy', (sample) => sample.service === 'billing'],
  ['either', 'number:7 OR number:8', (sample) => [7, 8].includes(sample.number)],
  ['nothing', 'service:nobody', () => false],
]

for (const [what, query, wanted] of searches) {
  test(`search: ${what}`, async () => {
    await logs.searchFor(query)
    await assertShown(wanted)
  })
}

test('what is searched for is marked', async () => {
  await logs.searchFor('00039')
  await logs.untilShown(11)
  assert.deepEqual([...new Set(await logs.page.locator('mark').allTextContents())], ['00039'])
  await clear()
})

test('levels', async () => {
  await logs.level('ERROR').click()
  await assertShown((sample) => sample.level === 'ERROR')
  await logs.level('FATAL').click()
  await assertShown((sample) => ['ERROR', 'FATAL'].includes(sample.level))
  await logs.searchFor('service:orders OR service:billing')
  await assertShown((sample) => ['ERROR', 'FATAL'].includes(sample.level))
  await logs.level('ERROR').click()
  await assertShown((sample) => sample.level === 'FATAL')
  await clear()
})

test('what does not parse is searched as text, and the page says so', async () => {
  await logs.searchFor('(bad')
  await logs.page.locator('[data-note=plain]').waitFor()
  assert.match(await logs.page.locator('[data-note=plain]').textContent(), /Searched as plain text: .*\( has no \)/)
  await logs.untilShown(1)
  assert.ok((await logs.visibleRows())[0].text.startsWith(odd.message))
  await clear()
  assert.equal(await logs.page.locator('[data-note=plain]').count(), 0)
})

test('a filter holds for what arrives, and everything is counted', async () => {
  await logs.searchFor('service:live')
  await logs.page.locator('[data-empty]', { hasText: 'Nothing matches yet' }).waitFor()
  const received = await logs.count('received')
  const arriving = ['live', 'other', 'live', 'other', 'other'].map((service, i) => ({ service, message: `arriving ${i}` }))
  await weir.post(arriving)
  await logs.untilShown(2)
  const rows = await logs.visibleRows()
  assert.deepEqual(rows.map((row) => row.text.slice(0, 10)), ['arriving 0', 'arriving 2'])
  await until('all are counted', async () => (await logs.count('received')) === received + arriving.length)
  await logs.page.getByRole('button', { name: 'Clear search and levels' }).click()
  await logs.untilShown(COUNT + 1 + arriving.length)
})

test('the address keeps the filter', async () => {
  await logs.searchFor('number<100')
  await logs.level('WARN').click()
  const wanted = (sample) => sample.number < 100 && sample.level === 'WARN'
  await assertShown(wanted)
  const address = logs.page.url()
  await logs.page.reload()
  assert.equal(logs.page.url(), address)
  await assertShown(wanted)
  assert.equal(await logs.search.inputValue(), 'number<100')
  assert.equal(await logs.level('WARN').getAttribute('aria-pressed'), 'true')
})

test('an export is exactly what matches', async () => {
  // From the test before: a search and a level, both of which count.
  const expected = await weir.search('number<100 level:WARN')
  assert.equal(expected.length, samples.filter((sample) => sample.number < 100 && sample.level === 'WARN').length)
  const readers = {
    NDJSON: (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line)),
    JSON: (text) => JSON.parse(text),
  }
  for (const [format, read] of Object.entries(readers)) {
    await logs.page.locator('summary', { hasText: 'Export' }).click()
    const button = logs.page.locator('form').getByRole('button', { name: new RegExp(`^${format} `) })
    const [download] = await Promise.all([logs.page.waitForEvent('download'), button.click()])
    assert.match(download.suggestedFilename(), new RegExp(`\\.${format.toLowerCase()}$`))
    assert.deepEqual(read(await readFile(await download.path(), 'utf8')), expected, format)
  }
  logs.assertFaultless()
})
