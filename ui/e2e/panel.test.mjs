// One record, looked at closely; and whatever it says stays text.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { launchBrowser, NARROW, openPage } from './browser.mjs'
import { until } from './logspage.mjs'
import { numbered } from './samples.mjs'
import { Weir } from './weir.mjs'

const failed = {
  level: 'ERROR',
  service: 'checkout',
  message: 'payment failed',
  error_type: 'net.OpError',
  stack_trace: 'dial tcp: connection refused\n  at pay (pay.go:12)\n  at main (main.go:3)',
  order: { id: 9007199254740993n, items: [{ sku: 'A-1', price: 9.5 }, { sku: 'B-2', price: null }], gift: true },
}

/** A message that must not freeze the page, in the size that was asked for. */
const HUGE_BYTES = 5 << 20

/** Longer than this without an answer is a page that hangs. The machine may be slow, a freeze is far longer. */
const FROZEN_MS = 1_000

let weir, browser, logs

before(async () => {
  weir = await Weir.start()
  browser = await launchBrowser()
  await weir.post(numbered(0, 50))
  // Its id is a 64-bit integer: JSON.stringify has no word for it.
  const text = JSON.stringify(failed, (_, value) => (typeof value === 'bigint' ? `#${value}#` : value)).replace(/"#(\d+)#"/, '$1')
  const response = await fetch(new URL('api/v1/records', weir.url), { method: 'POST', body: text })
  assert.equal(response.status, 200)
  logs = await openPage(browser, weir)
  await logs.untilShown(51)
})

after(async () => {
  await browser?.close()
  await weir?.close()
})

const row = (text) => logs.page.locator('.rows > [data-id]', { hasText: text })
const line = (name) => logs.panel.locator('.line').filter({ has: logs.page.getByText(name, { exact: true }) })
const section = (title) => logs.panel.locator('section').filter({ has: logs.page.getByRole('button', { name: title, exact: true }) })

test('a click opens a record with all it has', async () => {
  await row('payment failed').click()
  await logs.panel.waitFor()
  assert.equal(await section('Message').locator('pre').textContent(), failed.message)
  assert.equal(await section('Stack trace').locator('pre').textContent(), failed.stack_trace)
  assert.match(await line('error_type').textContent(), /net\.OpError/)

  await section('Attributes').locator('.toggle', { hasText: 'order' }).click()
  assert.match(await line('id').first().textContent(), /9007199254740993/, 'all digits of a 64-bit integer')
  await section('Attributes').locator('.toggle', { hasText: 'items' }).click()
  await section('Attributes').locator('.toggle', { hasText: '{2}' }).nth(1).click()
  assert.match(await line('sku').textContent(), /B-2/)
  assert.match(await line('price').textContent(), /null/)
})

test('a value becomes a filter, or an exclusion', async () => {
  const clear = logs.page.getByRole('button', { name: 'Clear search and levels' })
  await line('id').first().hover()
  await logs.panel.getByRole('button', { name: 'Only records with this order.id' }).click()
  await logs.untilShown(1)
  assert.equal(await logs.search.inputValue(), 'order.id:9007199254740993')
  assert.ok(await logs.panel.isVisible(), 'the record stays open')
  await clear.click()
  await logs.untilShown(51)
  await line('service').hover()
  await logs.panel.getByRole('button', { name: 'Without records with this service' }).click()
  await logs.untilShown(50)
  assert.equal(await logs.search.inputValue(), '-service:checkout')
  await clear.click()
  await logs.untilShown(51)
  await logs.page.keyboard.press('Escape')
  await logs.page.getByRole('grid').focus()
})

test('the keyboard is enough', async () => {
  const { page } = logs
  const id = () => logs.panel.getAttribute('data-id')
  await page.keyboard.press('Escape')
  await logs.panel.waitFor({ state: 'detached' })
  await page.keyboard.press('End')
  await page.keyboard.press('k')
  await page.keyboard.press('k')
  await page.keyboard.press('Enter')
  await logs.panel.waitFor()
  const ids = (await weir.search()).map((record) => record.id)
  assert.equal(await id(), ids.at(-2))
  await page.keyboard.press('k')
  await until('the one before', async () => (await id()) === ids.at(-3))
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await until('the one after', async () => (await id()) === ids.at(-1))
  assert.equal(await page.locator('.selected').getAttribute('data-id'), ids.at(-1))
  const address = page.url()
  assert.match(address, new RegExp(`id=${ids.at(-1)}`))
  await page.reload()
  await until('a link opens the record', async () => (await logs.panel.count()) === 1 && (await id()) === ids.at(-1))
  await logs.untilShown(51)
  await page.keyboard.press('Escape')
  await logs.panel.waitFor({ state: 'detached' })

  await page.keyboard.press('/')
  await page.keyboard.type('number:7')
  await page.keyboard.press('Enter')
  await logs.untilShown(1)
  await page.keyboard.press('Escape')
  await logs.untilShown(51)
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('a message of 5 MB opens at once, in portions', async () => {
  const message = `huge\n${'0123456789 abcdef\n'.repeat(HUGE_BYTES / 18)}`
  await logs.untilLive()
  await weir.post([{ level: 'INFO', message }])
  await row('huge').waitFor()
  await logs.page.evaluate(() => {
    window.longest = 0
    let last = performance.now()
    const look = (now) => {
      window.longest = Math.max(window.longest, now - last)
      last = now
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await row('huge').click()
  const portion = logs.panel.locator('[data-portion]')
  await portion.waitFor()
  await portion.getByRole('button', { name: /more/ }).click()
  await until('more is shown', async () => (await section('Message').locator('pre').textContent()).length > 500_000)
  await logs.drawn()
  const longest = await logs.page.evaluate(() => window.longest)
  assert.ok(longest < FROZEN_MS, `the page stood still for ${Math.round(longest)} ms`)
  await logs.page.keyboard.press('Escape')
})

test('nothing in a record is markup', async () => {
  const attack = '<script>window.attacked=1</script><img src=x onerror="window.attacked=2"><a href="javascript:window.attacked=3">x</a>'
  const disguised = '\u001b[31mred\u001b[0m \u202egnp.exe\u2066 \u001b]8;;http://evil.example\u0007link'
  await weir.post([
    { level: 'ERROR', message: `attack ${attack}`, service: attack, logger: attack, stack_trace: attack, [attack]: attack, list: [attack] },
    { level: attack, message: `disguised ${disguised}`, path: disguised, user: { [disguised]: disguised } },
    { kind: 'divider', message: attack },
  ])
  const attacked = row('attack ').first()
  await attacked.waitFor()
  await row('disguised').waitFor()
  await logs.page.locator('.divider').waitFor()
  assert.ok((await attacked.locator('.text').textContent()).startsWith(`attack ${attack}`), 'it is shown as it is written')

  const shown = await row('disguised').locator('.text').textContent()
  assert.ok(!shown.includes('\u001b') && shown.startsWith('disguised red '), 'terminal codes are not shown')
  for (const opened of [attacked, row('disguised')]) {
    await opened.click()
    await section('JSON').getByRole('button', { name: 'JSON' }).first().click()
    for (const toggle of await section('Attributes').locator('.toggle').all()) await toggle.click()
    await logs.drawn()
  }
  await logs.searchFor('onerror')
  await until('the search marks it', async () => (await logs.page.locator('mark').count()) > 0)
  await logs.page.reload()
  await until('the search marks it', async () => (await logs.page.locator('mark').count()) > 0)

  const made = await logs.page.evaluate(() => ({
    attacked: window.attacked,
    elements: [...document.querySelectorAll('#app :is(script, img, iframe, object, [onerror], [href^="javascript:"])')].length,
  }))
  assert.deepEqual(made, { attacked: undefined, elements: 0 })
  logs.assertFaultless()
})

test('on a narrow screen a record fills it', async () => {
  const narrow = await openPage(browser, weir, { viewport: NARROW, hasTouch: true })
  try {
    await narrow.untilShown(55)
    await narrow.page.locator('.rows > [data-id]', { hasText: 'payment failed' }).tap()
    await narrow.panel.waitFor()
    assert.deepEqual(await narrow.panel.boundingBox(), { x: 0, y: 0, ...NARROW })
    const overflow = () => narrow.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.equal(await overflow(), 0)
    await narrow.panel.getByRole('button', { name: /^Close/ }).tap()
    await narrow.panel.waitFor({ state: 'detached' })
    assert.equal(await overflow(), 0)
    await narrow.level('ERROR').tap()
    await narrow.untilShown((await weir.search('level:ERROR')).length)
    narrow.assertFaultless()
  } finally {
    await narrow.close()
  }
})
