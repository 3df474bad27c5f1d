// A browser without JavaScript reads the same records.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { launchBrowser, openPage } from './browser.mjs'
import { until } from './logspage.mjs'
import { Weir } from './weir.mjs'

let weir, browser

before(async () => {
  weir = await Weir.start()
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  await weir?.close()
})

test('the page without JavaScript leads to text that grows', async () => {
  await weir.post([
    { level: 'INFO', message: 'first of all' },
    { level: 'ERROR', message: '<img src=x onerror=alert(1)>' },
  ])
  const plain = await openPage(browser, weir, { javaScriptEnabled: false })
  const { page } = plain
  // The document never ends, so there is no load to wait for.
  await page.getByRole('link', { name: /follow them/ }).click({ noWaitAfter: true })
  const lines = page.locator('body > div')
  await until('the stored records', async () => (await lines.count()) === 2)
  assert.match(page.url(), /api\/v1\/tail\?format=html/)
  assert.match(await lines.nth(0).textContent(), /INFO.*first of all/)
  assert.match(await lines.nth(1).textContent(), /<img src=x onerror=alert\(1\)>/)
  for (let n = 3; n <= 5; n++) {
    await weir.post([{ level: 'WARN', message: `record ${n}` }])
    await until('the page grows', async () => (await lines.count()) === n)
    assert.match(await lines.nth(n - 1).textContent(), new RegExp(`WARN.*record ${n}`))
  }
  assert.equal(await page.locator('img').count(), 0)
  plain.assertFaultless()
  await plain.close()
})
