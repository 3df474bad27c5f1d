// Takes pictures of the page: docs/screenshot.png, and every state in bin/screenshots.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { launchBrowser, NARROW, openPage, WIDE } from './browser.mjs'
import { Line } from './line.mjs'
import { until } from './logspage.mjs'
import { toPalette } from './palette.mjs'
import { Program } from './program.mjs'
import { numbered } from './samples.mjs'
import { Weir } from './weir.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const STATES = join(ROOT, 'bin/screenshots')
const MANY = 100_000

/** What the page catches up on by itself, and some more that becomes a gap. */
const MISSED = 10_000 + 2_345

/** It has all that the panel shows: a stack trace, attributes, a duration. */
const FAILURE = 'service:payment level:ERROR has:stack_trace'

const SCREENS = [WIDE, NARROW].flatMap((viewport) =>
  ['light', 'dark'].map((colorScheme) => ({ viewport, colorScheme, hasTouch: viewport === NARROW })),
)

const servers = []
let browser

async function serve(command, flags) {
  const weir = await Weir.start(command, flags)
  servers.push(weir)
  return weir
}

async function take(logs, screen, state) {
  const width = screen.viewport === NARROW ? 'narrow' : 'wide'
  const path = join(STATES, `${width}-${screen.colorScheme}-${state}.png`)
  await logs.drawn()
  await logs.page.screenshot({ path })
}

/** Opens, in the middle of the list, the newest record that a search for failures finds. */
async function openFailure(logs, weir) {
  await until('a failure', async () => (await weir.search(FAILURE)).length > 0)
  await logs.scroller.hover()
  await logs.page.mouse.wheel(0, -100)
  await until('the list stands still', async () => (await logs.fresh()) !== undefined)
  const last = (await logs.rows()).at(-1)
  const stored = (await weir.search()).map((record) => record.id)
  const failures = new Set((await weir.search(FAILURE)).map((record) => record.id))
  const end = stored.indexOf(last.id)
  const at = stored.findLastIndex((id, i) => i <= end && failures.has(id))
  await logs.scrollToRow(last.index - (end - at))
  await logs.page.locator(`.rows > [data-id="${stored[at]}"]`).click()
  await logs.panel.waitFor()
  // The pointer marks what it is on; what is shown here is the page at rest.
  await logs.page.mouse.move(0, 0)
}

/** The states of a page over a lively demo. */
async function takeDemo(demo, screen) {
  const line = await Line.open(demo.url)
  const logs = await openPage(browser, line, screen)
  await until('a screen of records', async () => (await logs.count('shown')) > 100)
  await take(logs, screen, 'demo')
  await logs.page.getByRole('button', { name: 'Help and keys' }).click()
  await take(logs, screen, 'help')
  await logs.page.keyboard.press('Escape')
  await logs.searchFor('level>=warn duration_ms>0')
  await until('what matches', async () => {
    const rows = await logs.rows()
    return rows.length > 0 && rows.every(({ level }) => ['WARN', 'ERROR', 'FATAL'].includes(level))
  })
  await take(logs, screen, 'filtered')
  await logs.page.getByRole('button', { name: 'Clear search and levels' }).click()
  await until('everything', async () => (await logs.count('shown')) > 100)
  await openFailure(logs, demo)
  await take(logs, screen, 'panel')
  await logs.page.keyboard.press('Escape')
  await logs.page.keyboard.press('End')
  line.cut()
  await logs.page.locator('[data-connection=waiting]').waitFor()
  await take(logs, screen, 'disconnected')
  await logs.close()
  await line.close()
}

async function takeEmpty(empty, screen) {
  const logs = await openPage(browser, empty, screen)
  await logs.page.locator('[data-empty]', { hasText: 'Waiting for records' }).waitFor()
  await take(logs, screen, 'empty')
  await logs.close()
}

async function takeGap(screen) {
  const weir = await Weir.start()
  const line = await Line.open(weir.url)
  try {
    await weir.post(numbered(0, 30))
    const logs = await openPage(browser, line, screen)
    await logs.untilShown(30)
    line.cut()
    await logs.page.locator('[data-connection=waiting]').waitFor()
    await weir.post([...numbered(30, MISSED - 1), { kind: 'divider', message: 'deploy 42' }])
    line.mend()
    await logs.page.getByRole('button', { name: 'try now' }).click()
    await until('the page caught up', async () => (await logs.count('shown')) > 10_000)
    await logs.scrollTo(0)
    await logs.scrollToRow(32)
    await take(logs, screen, 'gap')
    await logs.page.keyboard.press('End')
    await take(logs, screen, 'divider')
    await logs.close()
  } finally {
    await line.close()
    await weir.close()
  }
}

// Opened before the records come, the page has all of them.
async function takeMany(screen) {
  const weir = await Weir.start()
  try {
    const logs = await openPage(browser, weir, screen)
    await logs.untilLive()
    await weir.post(numbered(0, MANY))
    await logs.untilShown(MANY)
    await logs.scrollTo(0.5)
    await take(logs, screen, 'many')
    await logs.close()
  } finally {
    await weir.close()
  }
}

// The states of a program's page that a server's does not have.
async function takeProgram(screen) {
  const program = await Program.start()
  try {
    const logs = await openPage(browser, program, screen)
    await logs.untilLive()
    const tab = (name) => logs.page.getByRole('navigation').getByRole('button', { name }).click()
    await tab('Checkpoints')
    await logs.page.locator('[data-empty]', { hasText: 'No checkpoints yet' }).waitFor()
    await take(logs, screen, 'checkpoints-empty')
    await tab('Logs')
    await program.do('log io INFO reading 12 files')
    await program.do('begin import 120000')
    for (let i = 0; i < 30; i++) await program.do('add import 1500')
    await program.do('log db.pool WARN slow query')
    await program.do('begin thumbnails 400')
    await program.do('add thumbnails 120')
    await program.do('fail thumbnails no space left on device')
    await program.do('begin scan 0')
    await program.do('add scan 5321')
    await program.save({ name: 'epoch-1', status: 'DONE', note: 'best so far', data: { loss: 0.31, accuracy: 0.94, step: 1200, files: ['a.bin', 'b.bin'], optimizer: { name: 'adam', rate: 0.001 } } })
    await program.save({ name: 'epoch-2', status: 'IN_PROGRESS', progress: 42.5, note: 'batch 512 of 1,205' })
    await program.save({ name: 'export', status: 'SKIPPED' })
    await program.save({ name: 'upload to the archive of the northern region', status: 'FAILED', progress: 10, note: 'no route to host' })
    await until('the rows', async () => (await logs.page.locator('.rows > [data-checkpoint]').count()) === 7)
    await take(logs, screen, 'progress')
    await tab('Checkpoints')
    await until('the checkpoints', async () => (await logs.page.locator('[data-name]').count()) === 4)
    await take(logs, screen, 'checkpoints')
    await logs.page.locator('[data-toggle="epoch-1"]').click()
    await logs.page.locator('[data-name="epoch-1"]').getByText('loss', { exact: true }).waitFor()
    await take(logs, screen, 'checkpoint-open')
    await logs.page.locator('[data-toggle="epoch-1"]').press('Delete')
    await take(logs, screen, 'checkpoint-delete')
    await logs.page.keyboard.press('Escape')
    await logs.page.locator('[data-toggle="epoch-1"]').press('l')
    await logs.page.locator('[data-logger="train.db.pool"]').getByRole('combobox').selectOption('DEBUG')
    await until('the level', async () => /until/.test(await logs.page.locator('[data-logger="train.db.pool"]').textContent()))
    await take(logs, screen, 'levels')
    await logs.close()
  } finally {
    await program.close()
  }
}

async function takeForReadme(demo) {
  const logs = await openPage(browser, demo, { viewport: WIDE, colorScheme: 'dark' })
  await until('a screen of records', async () => (await logs.count('shown')) > 100)
  await openFailure(logs, demo)
  await logs.drawn()
  writeFileSync(join(ROOT, 'docs/screenshot.png'), toPalette(await logs.page.screenshot()))
  await logs.close()
}

try {
  rmSync(STATES, { recursive: true, force: true })
  mkdirSync(STATES, { recursive: true })
  browser = await launchBrowser()
  const demo = await serve('demo', ['--no-open'])
  const empty = await serve('serve')
  for (const screen of SCREENS) {
    await takeEmpty(empty, screen)
    await takeDemo(demo, screen)
    await takeProgram(screen)
    await takeGap(screen)
    await takeMany(screen)
  }
  await takeForReadme(demo)
} finally {
  await browser?.close()
  for (const weir of servers) await weir.close()
}
