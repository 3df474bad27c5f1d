/** The height of every row, in CSS pixels; app.css has the same number. */
export const ROW_HEIGHT = 24

/** Rows beyond the visible ones, so that a fast scroll does not show white. */
const OVERSCAN = 12

/** How near to the end still counts as being there: less than a row. */
const END_SLACK = ROW_HEIGHT / 2

/**
 * What part of the list is seen. `following` sticks to the end; otherwise the
 * rows in sight stay where they are, to the pixel, whatever enters or leaves above
 * and below them.
 *
 * `total` counts rows of the list. It holds no DOM: the component hands in what it
 * measures, and sets scrollTop to `top` after each change.
 */
export class Viewport {
  top = 0
  height = 0
  total = 0
  following = true

  get contentHeight(): number {
    return this.total * ROW_HEIGHT
  }

  get maxTop(): number {
    return Math.max(0, this.contentHeight - this.height)
  }

  /** The rows to draw, [start, end). */
  get range(): { start: number; end: number } {
    // At the end nothing scrolls but us: rows above would be drawn for nothing.
    const above = this.following ? 1 : OVERSCAN
    const start = Math.max(0, Math.floor(this.top / ROW_HEIGHT) - above)
    const end = Math.min(this.total, Math.ceil((this.top + this.height) / ROW_HEIGHT) + OVERSCAN)
    return { start, end: Math.max(start, end) }
  }

  get firstVisible(): number {
    return Math.max(0, Math.floor(this.top / ROW_HEIGHT))
  }

  get lastVisible(): number {
    return Math.min(this.total, Math.floor((this.top + this.height) / ROW_HEIGHT)) - 1
  }

  resize(height: number): void {
    this.height = height
    this.#settle()
  }

  /** The list has `total` rows now; `delta` rows came (or went, below zero) at `index`. */
  changed(total: number, index: number, delta: number): void {
    this.total = total
    if (!this.following && delta !== 0 && index <= this.firstVisible) {
      this.top = Math.max(0, this.top + delta * ROW_HEIGHT)
    }
    this.#settle()
  }

  /** The element was scrolled to `top`: by the user, true, or as an echo of us. */
  scrolled(top: number): boolean {
    if (Math.abs(top - this.top) < 1) return false
    const up = top < this.top
    this.top = top
    if (!up && this.maxTop - top <= END_SLACK) this.following = true
    else if (up) this.following = false
    return true
  }

  /** The user means to go up: let go at once, before a frame pulls down again. */
  release(): void {
    if (this.maxTop > 0) this.following = false
  }

  follow(): void {
    this.following = true
    this.#settle()
  }

  scrollTo(top: number): void {
    this.following = false
    this.top = Math.min(Math.max(0, top), this.maxTop)
  }

  /** Scrolls by whole screens, less a row to keep one's place. */
  page(screens: number): void {
    const top = this.top + screens * Math.max(ROW_HEIGHT, this.height - ROW_HEIGHT)
    this.scrolled(Math.min(Math.max(0, top), this.maxTop))
  }

  /** Brings the row at index into sight with the least movement. */
  reveal(index: number): void {
    const top = index * ROW_HEIGHT
    if (top < this.top) this.scrollTo(top)
    else if (top + ROW_HEIGHT > this.top + this.height) this.scrollTo(top + ROW_HEIGHT - this.height)
    else this.following = false
  }

  #settle(): void {
    this.top = this.following ? this.maxTop : Math.min(this.top, this.maxTop)
  }
}
