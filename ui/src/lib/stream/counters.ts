import type { Ping } from '../wire.gen'

/**
 * Counts over reconnects: pings count since their connection opened, so what a
 * connection reached is kept when the next one opens.
 */
export class Counters {
  #before = { received: 0, skipped: 0 }
  #ping = { received: 0, skipped: 0 }
  // What frames showed since the last ping told a higher number.
  #frames = { received: 0, skipped: 0 }

  /** Records that passed at the server, matching or not, as far as is known. */
  get received(): number {
    return this.#before.received + Math.max(this.#ping.received, this.#frames.received)
  }

  /** Records declared in gaps. */
  get skipped(): number {
    return this.#before.skipped + Math.max(this.#ping.skipped, this.#frames.skipped)
  }

  opened(): void {
    this.#before = { received: this.received, skipped: this.skipped }
    this.#ping = { received: 0, skipped: 0 }
    this.#frames = { received: 0, skipped: 0 }
  }

  records(n: number): void {
    this.#frames.received += n
  }

  gap(n: number): void {
    this.#frames.skipped += n
  }

  ping(ping: Ping): void {
    this.#ping = { received: ping.seen, skipped: ping.skipped }
  }

  reset(): void {
    this.#before = { received: 0, skipped: 0 }
    this.#ping = { received: 0, skipped: 0 }
    this.#frames = { received: 0, skipped: 0 }
  }
}
