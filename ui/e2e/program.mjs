// A real program with a live page of its own, which does what it is told.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A program starts at once; the machine may be busy. */
const START_MS = 30_000

/** Whoever starts one closes it: that ends the process and removes its checkpoints. */
export class Program {
  /** The page's address, with a slash at its end. */
  url = ''
  #home = mkdtempSync(join(tmpdir(), 'weir-program-'))
  #process
  #answers

  static async start() {
    const program = new Program()
    try {
      await program.#start()
    } catch (error) {
      await program.close()
      throw error
    }
    return program
  }

  async #start() {
    const binary = join(this.#home, 'program')
    execFileSync('go', ['build', '-o', binary, './ui/e2e/testdata/program'], { cwd: ROOT })
    // Its own environment: CI would take the page away.
    const env = { HOME: this.#home, PATH: process.env.PATH, TZ: process.env.TZ ?? '' }
    const child = spawn(binary, [], { cwd: this.#home, env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process = child
    const last = () => child.kill('SIGKILL')
    process.once('exit', last)
    child.once('exit', () => process.off('exit', last))
    this.#answers = createInterface(child.stdout)[Symbol.asyncIterator]()
    const told = createInterface(child.stderr)
    const signal = AbortSignal.timeout(START_MS)
    for (let said = ''; this.url === ''; ) {
      const [line] = await once(told, 'line', { signal })
      said += `${line}\n`
      this.url = new URL('/', /live page on (http:\/\/[\w.:[\]-]+)/.exec(said)?.[1] ?? 'http://none').href.replace('http://none/', '')
    }
  }

  /** Has it do something, and waits until that is done. */
  async do(line) {
    this.#process.stdin.write(`${line}\n`)
    const { value, done } = await this.#answers.next()
    if (done || value !== 'ok') throw new Error(`${line}: ${value}`)
  }

  async save(checkpoint) {
    await this.do(`save ${JSON.stringify(checkpoint)}`)
  }

  async close() {
    if (this.#process && this.#process.exitCode === null) {
      const exited = once(this.#process, 'exit')
      this.#process.stdin.end()
      await exited
    }
    rmSync(this.#home, { recursive: true, force: true })
  }
}
