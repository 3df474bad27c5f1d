// Checkpoints, progress and levels of a program: rows that live, the tab, the menu.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { launchBrowser, NARROW, openPage } from './browser.mjs'
import { until } from './logspage.mjs'
import { Program } from './program.mjs'
import { Weir } from './weir.mjs'

let program, browser, logs

before(async () => {
  program = await Program.start()
  browser = await launchBrowser()
  logs = await openPage(browser, program)
  await logs.untilLive()
})

after(async () => {
  await browser?.close()
  await program?.close()
})

const row = (name) => logs.page.locator(`.rows > [data-checkpoint="${name}"]`)
const item = (name) => logs.page.locator(`[data-name="${name}"]`)
const showTab = (name) => logs.page.getByRole('navigation').getByRole('button', { name }).click()

test('A12. a progress is one row that changes in place', async () => {
  await program.do('begin import 1000')
  await program.do('log io INFO a record behind it')
  await row('import').waitFor()
  for (let i = 0; i < 40; i++) await program.do('add import 20')
  await until('the newest state', async () => /80 %.*800 of 1,000/.test(await row('import').textContent()))
  assert.equal(await row('import').count(), 1)
  assert.match(await row('import').textContent(), /IN PROGRESS/)
  assert.match(await row('import').textContent(), /\/s · .* left/)
  const bar = row('import').getByRole('progressbar', { name: 'import' })
  assert.equal(await bar.evaluate((element) => element.value), 80)
  // Updates are records as well: nothing is missing from the counts.
  await until('everything is counted', async () => (await logs.count('shown')) === (await logs.count('received')) && (await logs.count('shown')) > 10)
  const [first, second] = (await logs.rows()).slice(-2)
  assert.match(first.text, /import/)
  assert.match(second.text, /a record behind it/)

  await program.do('done import')
  await until('the end', async () => /DONE.*100 %/.test(await row('import').textContent()))
  await program.do('begin import 10')
  await until('work that begins anew is another row', async () => (await row('import').count()) === 2)
  await program.do('fail import disk full')
  await until('the failure', async () => /FAILED/.test(await row('import').last().textContent()))
  assert.equal(await row('import').last().getAttribute('data-level'), 'ERROR')
  await row('import').last().click()
  await logs.panel.waitFor()
  assert.match(await logs.panel.textContent(), /disk full/)
  await logs.page.keyboard.press('Escape')
})

const STRIPES = 'progress.unknown'

test('a progress that failed says why, in the row and on its card, wide and narrow', async () => {
  await program.do('begin scan 0')
  await program.do('add scan 280')
  await until('the count', async () => /280/.test(await row('scan').textContent()))
  assert.equal(await row('scan').locator(STRIPES).count(), 1)
  await program.do('fail scan open /mnt/archive: no space left on device')
  const narrow = await openPage(browser, program, { viewport: NARROW, hasTouch: true })
  await narrow.untilLive()
  for (const { page } of [logs, narrow]) {
    const line = page.locator('.rows > [data-checkpoint="scan"]')
    await until('the failure', async () => (await line.count()) === 1 && /FAILED/.test(await line.textContent()))
    const reason = line.locator('[data-error]')
    assert.equal(await reason.textContent(), 'open /mnt/archive: no space left on device')
    const { x, width } = await reason.boundingBox()
    assert.ok(width >= 80 && x + width <= page.viewportSize().width, `the reason has ${width} at ${x}`)
    assert.ok(await line.getByText('280').isVisible())
    assert.equal(await line.locator(STRIPES).count(), 0)

    await page.getByRole('navigation').getByRole('button', { name: 'Checkpoints' }).click()
    const card = page.locator('[data-work="scan"]')
    await card.waitFor()
    assert.equal(await card.locator('[data-error]').textContent(), 'open /mnt/archive: no space left on device')
    assert.ok(await card.locator('[data-error]').isVisible())
    assert.equal(await card.locator(STRIPES).count(), 0)
    await page.getByRole('navigation').getByRole('button', { name: 'Logs' }).click()
  }
  narrow.assertFaultless()
  await narrow.close()
})

test('a page that opens later shows one row too, and a search finds it', async () => {
  const later = await openPage(browser, program)
  await later.untilLive()
  await until('the rows', async () => (await later.page.locator('.rows > [data-checkpoint="import"]').count()) === 2)
  await later.searchFor('kind:checkpoint status:FAILED checkpoint:import')
  await until('what failed', async () => (await later.count('shown')) === 1)
  later.assertFaultless()
  await later.close()
})

test('A12, A13. the tab shows each checkpoint, the mean of all, and what changes', async () => {
  await logs.page.keyboard.press('c')
  await logs.page.locator('[data-empty]', { hasText: 'No checkpoints yet' }).waitFor()
  await program.save({ name: 'epoch-1', status: 'DONE', note: 'best so far', data: { loss: 0.31, step: 12, deep: { list: [1, 2, 3] } } })
  await program.save({ name: 'epoch-2', status: 'IN_PROGRESS', progress: 50 })
  await program.save({ name: 'export', status: 'SKIPPED', progress: 0 })
  await program.save({ name: 'upload', status: 'FAILED', progress: 10, note: 'no route to host' })
  await until('all four', async () => (await logs.page.locator('[data-name]').count()) === 4)
  const names = await logs.page.locator('[data-name]').evaluateAll((all) => all.map((element) => element.dataset.name))
  assert.deepEqual(names, ['upload', 'export', 'epoch-2', 'epoch-1'])
  assert.equal(await logs.page.locator('[data-overall]').getAttribute('data-overall'), '40')
  assert.match(await logs.page.locator('[data-overall]').textContent(), /40 % overall, the mean of 4 checkpoints/)
  for (const [name, words] of [['epoch-1', /DONE.*100 %/], ['epoch-2', /IN PROGRESS.*50 %/], ['export', /SKIPPED.*0 %/], ['upload', /FAILED.*10 %/]]) {
    assert.match(await item(name).textContent(), words)
  }
  assert.match(await item('upload').textContent(), /no route to host/)

  await program.save({ name: 'epoch-2', status: 'IN_PROGRESS', progress: 90 })
  await until('the change', async () => /90 %/.test(await item('epoch-2').textContent()))
  assert.equal(await logs.page.locator('[data-overall]').getAttribute('data-overall'), '50')
  assert.match(await logs.page.locator('[data-work=import]').textContent(), /FAILED/)
})

test('data opens as a tree, by keys', async () => {
  const { page } = logs
  await item('epoch-1').locator('[data-toggle]').focus()
  await page.keyboard.press('ArrowUp')
  assert.equal(await page.evaluate(() => document.activeElement.dataset.toggle), 'export')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await item('epoch-1').getByText('loss', { exact: true }).waitFor()
  assert.match(await item('epoch-1').textContent(), /by train, \d+ B of data/)
  await item('epoch-1').getByRole('button', { name: /^deep/ }).click()
  await item('epoch-1').getByRole('button', { name: /^list/ }).click()
  await program.save({ name: 'epoch-1', data: { loss: 0.25 } })
  await item('epoch-1').getByText('0.25').waitFor()
})

test('a checkpoint is deleted after a question', async () => {
  const { page } = logs
  await item('upload').getByRole('button', { name: 'Delete upload' }).click()
  await page.getByRole('button', { name: 'Keep' }).click()
  assert.equal(await item('upload').count(), 1)
  await item('upload').locator('[data-toggle]').focus()
  await page.keyboard.press('Delete')
  const dialog = page.getByRole('dialog')
  assert.match(await dialog.textContent(), /upload/)
  await page.keyboard.press('Escape')
  assert.equal(await dialog.count(), 0)
  assert.equal(await item('upload').count(), 1)
  const toggle = item('upload').locator('[data-toggle]')
  await until('the row has the focus again', () => toggle.evaluate((e) => e === document.activeElement))
  await page.keyboard.press('Delete')
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await until('it is gone', async () => (await item('upload').count()) === 0)
  for (const name of ['..', 'a/b ?#%', '日本']) {
    await program.save({ name })
    await page.locator(`[data-toggle="${name}"]`).focus()
    await page.keyboard.press('Delete')
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await until(`${name} is gone`, async () => (await page.locator(`[data-toggle="${name}"]`).count()) === 0)
  }
})

test('the address keeps the tab, and the records are as they were', async () => {
  const { page } = logs
  assert.match(page.url(), /#tab=checkpoints$/)
  await page.reload()
  await item('epoch-1').waitFor()
  await showTab('Logs')
  await row('import').first().waitFor()
  assert.equal(new URL(page.url()).hash, '')
  await logs.untilLive()
  logs.assertFaultless()
})

test('levels are seen and changed', async () => {
  const { page } = logs
  const line = (logger) => page.locator(`[data-logger="${logger}"]`)
  await program.do('log db.pool INFO there')
  await program.do('log db.pool DEBUG not there')
  await page.keyboard.press('l')
  await line('train.db.pool').waitFor()
  assert.match(await line('train.db.pool').textContent(), /inherited/)
  await line('train').getByRole('combobox').selectOption('DEBUG')
  await until('until when', async () => /until \d\d:\d\d/.test(await line('train').textContent()))
  assert.equal(await line('train.db.pool').getByRole('combobox').inputValue(), 'DEBUG')
  await page.getByRole('combobox', { name: 'How long a change holds' }).selectOption('until reset')
  await line('train.db.pool').getByRole('combobox').selectOption('TRACE')
  await until('it is set', async () => /set/.test(await line('train.db.pool').locator('.rule').textContent()))
  await program.do('log db.pool DEBUG now it is')
  await until('the record', async () => (await logs.rows()).some(({ text }) => text.startsWith('now it is')))
  assert.ok(!(await logs.rows()).some(({ text }) => text.startsWith('not there')))

  await line('train.db.pool').getByRole('button', { name: /Reset/ }).click()
  await until('it is inherited', async () => /inherited/.test(await line('train.db.pool').textContent()))
  await line('train').getByRole('button', { name: /Reset/ }).click()
  await until('all is as it was', async () => (await line('train.db.pool').getByRole('combobox').inputValue()) === 'INFO')
  await page.keyboard.press('Escape')
  assert.equal(await line('train').isVisible(), false)
  await page.keyboard.press('?')
  assert.match(await page.getByRole('dialog').textContent(), /checkpoints, and back to the records.*levels of the loggers/)
  await page.keyboard.press('Escape')
  logs.assertFaultless()
})

test('a narrow page has room for all of it', async () => {
  const narrow = await openPage(browser, program, { viewport: NARROW, hasTouch: true })
  await narrow.untilLive()
  const { page } = narrow
  for (const tab of ['Logs', 'Checkpoints']) {
    await page.getByRole('navigation').getByRole('button', { name: tab }).click()
    await narrow.drawn()
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${tab} is too wide`)
    const out = await page.evaluate(() =>
      [...document.querySelectorAll('header button, header summary')].filter((element) => element.getBoundingClientRect().right > window.innerWidth).length,
    )
    assert.equal(out, 0, 'a button is out of sight')
  }
  narrow.assertFaultless()
  await narrow.close()
})

test('a server has the checkpoints of jobs; a delete leaves their own as they are', async () => {
  const weir = await Weir.start()
  try {
    const logs = await openPage(browser, weir)
    const { page } = logs
    await logs.untilLive()
    await page.getByRole('navigation').getByRole('button', { name: 'Checkpoints' }).click()
    assert.match(await page.locator('[data-empty]').textContent(), /ship their records to this server.*ship\.New\("http:/)
    const told = (logger, name, more) => ({ kind: 'checkpoint', logger, source_id: logger, message: name, checkpoint: name, ...more })
    await weir.post([
      told('train', 'epoch-1', { status: 'DONE', progress: 100, data: { loss: 0.5 } }),
      told('train', 'upload', { status: 'IN_PROGRESS', progress: 25 }),
      told('etl', 'epoch-1', { status: 'IN_PROGRESS', progress: 40, data: { rows: 12 } }),
      // Neither says which start of which program it comes from.
      { kind: 'checkpoint', service: 'a', message: 'import', checkpoint: 'import', status: 'IN_PROGRESS', done: 3 },
      { kind: 'checkpoint', service: 'b', message: 'import', checkpoint: 'import', status: 'FAILED', done: 4, error: 'disk full', level: 'ERROR' },
    ])
    await until('all of them', async () => (await page.locator('[data-name]').count()) === 3 && (await page.locator('[data-work]').count()) === 2)
    assert.match(await page.locator('[data-work]').first().textContent(), /import.*b.*FAILED.*disk full/)

    // One name of two jobs: it stands for the one saved last.
    const [newest, older] = [page.locator('[data-name="epoch-1"]').first(), page.locator('[data-name="epoch-1"]').last()]
    assert.match(await newest.textContent(), /etl/)
    assert.match(await older.textContent(), /train/)
    await newest.locator('[data-toggle]').click()
    await newest.getByText('rows', { exact: true }).waitFor()
    await older.locator('[data-toggle]').click()
    assert.match(await older.textContent(), /Another job saved a checkpoint of this name later/)
    assert.ok(await older.getByRole('button', { name: 'Delete epoch-1' }).isDisabled())
    await page.keyboard.press('Delete')
    assert.equal(await page.getByRole('dialog').count(), 0)

    await page.getByRole('button', { name: 'Delete upload' }).click()
    const dialog = page.getByRole('dialog')
    assert.match(await dialog.textContent(), /upload.*The job's own checkpoint stays/s)
    assert.doesNotMatch(await dialog.textContent(), /file is removed/)
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await until('it is gone', async () => (await page.locator('[data-name="upload"]').count()) === 0)
    await weir.post([told('train', 'upload', { status: 'DONE', progress: 100 })])
    await until('it is back', async () => (await page.locator('[data-name="upload"]').count()) === 1)

    // It has no levels.
    assert.equal(await page.locator('[data-levels]').count(), 0)
    await page.keyboard.press('l')
    assert.equal(await page.locator('[data-levels]').count(), 0)
    logs.assertFaultless()
    await logs.close()
  } finally {
    await weir.close()
  }
})

test('a server without them shows neither', async () => {
  const weir = await Weir.start()
  try {
    const page = await openPage(browser, weir)
    await page.page.route('**/api/v1/stats', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), capabilities: ['search', 'stream'] } })
    })
    await page.page.reload()
    await page.untilLive()
    await page.page.locator('[data-empty]').waitFor()
    assert.equal(await page.page.getByRole('navigation').count(), 0)
    assert.equal(await page.page.locator('[data-levels]').count(), 0)
    await page.page.keyboard.press('c')
    await page.page.keyboard.press('l')
    assert.equal(await page.page.locator('[data-checkpoints]').count(), 0)
    page.assertFaultless()
    await page.close()
  } finally {
    await weir.close()
  }
})
