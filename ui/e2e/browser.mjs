// A real Chromium with nothing of its own to say on the network.
import { chromium } from 'playwright-core'

import { LogsPage } from './logspage.mjs'

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  // Grey edges of letters look the same on every screen, and make small pictures.
  '--disable-lcd-text',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** How long a single step may take: generous, since tests share their machine. */
const STEP_MS = 20_000

export const WIDE = { width: 1440, height: 900 }
export const NARROW = { width: 390, height: 844 }

export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGS })
}

/**
 * Opens the page of a server, or of a line to one, in a context of its own and watches it: whatever a page
 * must never do is collected in `faults`. `expected` names console messages that
 * the test itself causes.
 */
export async function openPage(browser, { url }, { path = '', expected, ...options } = {}) {
  const context = await browser.newContext({ viewport: WIDE, ...options })
  context.setDefaultTimeout(STEP_MS)
  const faults = []
  const origin = new URL(url).origin
  context.on('request', (request) => {
    const asked = new URL(request.url())
    if (asked.origin !== origin && asked.protocol !== 'blob:') faults.push(`request to ${request.url()}`)
  })
  context.on('console', (message) => {
    // Chromium reports violations of the page's policy here too.
    if (!['error', 'warning'].includes(message.type())) return
    if (expected?.test(message.text())) return
    faults.push(`console ${message.type()}: ${message.text()}`)
  })
  context.on('weberror', (error) => faults.push(`uncaught: ${error.error().stack}`))
  context.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  const page = await context.newPage()
  await page.goto(new URL(path, url).href)
  return new LogsPage(page, faults)
}
