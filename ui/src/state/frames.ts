/** How often a hidden tab takes in what arrived: it draws nothing, and browsers slow it to this anyway. */
const HIDDEN_MS = 1_000

/**
 * Collects work for the next animation frame, so that any number of arrivals
 * draws once. A hidden tab has no frames: a timer stands in for them.
 */
export class FrameQueue {
  #jobs: (() => void)[] = []
  #frame: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #done: () => void

  /** `done` is called after each run of jobs. */
  constructor(done: () => void) {
    this.#done = done
  }

  add(job: () => void): void {
    this.#jobs.push(job)
    if (this.#frame !== undefined || this.#timer !== undefined) return
    if (document.hidden) this.#timer = setTimeout(() => this.run(), HIDDEN_MS)
    else this.#frame = requestAnimationFrame(() => this.run())
  }

  /** Runs what waits, now. Called too when the tab is hidden or shown. */
  run(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = undefined
    this.#timer = undefined
    const jobs = this.#jobs
    this.#jobs = []
    for (const job of jobs) job()
    if (jobs.length > 0) this.#done()
  }

  clear(): void {
    this.#jobs = []
  }
}
