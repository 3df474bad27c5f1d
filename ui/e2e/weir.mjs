// A real bin/weir: on a free loopback port, with a data directory of its own.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BINARY = fileURLToPath(new URL('../../bin/weir', import.meta.url))

/** A database is made and opened well within this, on a busy machine too. */
const START_MS = 30_000

/** After this a server that was told to stop is killed, so that no test leaves one behind. */
const STOP_MS = 15_000

/** Records of one request: what a busy sender sends at once. */
export const BATCH = 10_000

/** Whoever starts one closes it: that ends the process and removes its records. */
export class Weir {
  /** The page's address, with a slash at its end. */
  url = ''
  #command
  #flags
  #home = mkdtempSync(join(tmpdir(), 'weir-e2e-'))
  #port = 0
  #process
  #exited = Promise.resolve()
  #said = ''

  constructor(command, flags) {
    this.#command = command
    this.#flags = flags
  }

  /** Starts `weir serve`, or another command that serves the page, and waits for its address. */
  static async start(command = 'serve', flags = []) {
    if (!existsSync(BINARY)) throw new Error('bin/weir is missing: make build')
    const weir = new Weir(command, flags)
    try {
      await weir.restart()
    } catch (error) {
      await weir.close()
      throw error
    }
    return weir
  }

  /** Starts it once more, on the port and the records that it had. */
  async restart() {
    const listen = `127.0.0.1:${this.#port}`
    const flags = ['--listen', listen, '--data', join(this.#home, 'data'), ...this.#flags]
    // Its own environment: settings of whoever runs the tests must not change what is tested.
    const child = spawn(BINARY, [this.#command, ...flags], {
      cwd: this.#home,
      env: { CI: 'true', HOME: this.#home, PATH: process.env.PATH, TZ: process.env.TZ ?? '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    // A test that dies must not leave a server behind.
    const last = () => child.kill('SIGKILL')
    process.once('exit', last)
    child.once('exit', () => process.off('exit', last))
    this.#said = ''
    this.#exited = new Promise((resolve) => child.once('exit', resolve))
    this.url = await new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`weir ${this.#command}: ${why}\n${this.#said}`))
      const timer = setTimeout(() => fail('told no address in time'), START_MS)
      child.once('error', (error) => fail(error.message))
      child.once('exit', (code) => fail(`ended with ${code}`))
      child.stderr.on('data', (chunk) => {
        this.#said = (this.#said + chunk).slice(-10_000)
        const address = /live page on (http:\/\/[\w.:[\]-]+)/.exec(this.#said)?.[1]
        if (address === undefined) return
        clearTimeout(timer)
        resolve(new URL('/', address).href)
      })
    })
    this.#port = Number(new URL(this.url).port)
  }

  /** Ends it as a crash does, without a chance to finish anything. */
  async kill() {
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  /** Ends it in order. */
  async stop() {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS)
    this.#process.kill('SIGTERM')
    await this.#exited
    clearTimeout(timer)
  }

  async close() {
    if (this.#process) await this.stop()
    rmSync(this.#home, { recursive: true, force: true })
  }

  /** Posts records in batches; what it returns the server has on disk. */
  async post(records) {
    for (let at = 0; at < records.length; at += BATCH) await this.postOnce(records.slice(at, at + BATCH))
  }

  /** One request. It throws when the records were not acknowledged. */
  async postOnce(records) {
    const body = records.map((record) => JSON.stringify(record)).join('\n')
    const response = await fetch(new URL('api/v1/records', this.url), { method: 'POST', body })
    const answer = await response.json()
    if (!response.ok) throw new Error(`post records: ${response.status} ${JSON.stringify(answer)}`)
    if (answer.count !== records.length) throw new Error(`post records: ${answer.count} of ${records.length} taken`)
    return answer
  }

  /** Everything that a search finds, oldest first, page by page. */
  async search(q = '') {
    const found = []
    for (let after; ; ) {
      const params = new URLSearchParams({ q, order: 'asc', limit: '10000', ...(after && { after }) })
      const response = await fetch(new URL(`api/v1/records?${params}`, this.url))
      const page = await response.json()
      if (!response.ok) throw new Error(`search: ${JSON.stringify(page)}`)
      found.push(...page.records)
      after = page.next
      if (after === undefined) return found
    }
  }
}
