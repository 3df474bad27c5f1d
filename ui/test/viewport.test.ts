import { describe, expect, it } from 'vitest'

import { ROW_HEIGHT, Viewport } from '../src/lib/list/viewport'

function viewport(total: number, rows = 20): Viewport {
  const view = new Viewport()
  view.resize(rows * ROW_HEIGHT)
  view.changed(total, 0, total)
  return view
}

describe('Viewport', () => {
  it('draws only what is near', () => {
    const view = viewport(100_000)
    expect(view.range.end - view.range.start).toBeLessThan(50)
    expect(view.range.end).toBe(100_000)
    view.scrollTo(50_000 * ROW_HEIGHT)
    expect(view.range.start).toBeLessThan(50_000)
    expect(view.range.end - view.range.start).toBeLessThan(50)
  })

  it('takes its own scrolling for no wish of the user', () => {
    const view = viewport(1_000)
    const echo = view.top
    expect(view.scrolled(echo)).toBe(false)
    expect(view.following).toBe(true)
  })

  it('lets go when scrolled up and follows again at the end', () => {
    const view = viewport(1_000)
    view.scrolled(view.top - 30)
    expect(view.following).toBe(false)
    const top = view.top
    view.changed(1_100, 1_000, 100)
    expect(view.top).toBe(top)
    view.scrolled(view.maxTop - 2)
    expect(view.following).toBe(true)
  })

  it('lets go on the wheel, but not of a list that fits', () => {
    const long = viewport(100)
    long.release()
    expect(long.following).toBe(false)
    const short = viewport(5)
    short.release()
    expect(short.following).toBe(true)
  })

  it('keeps its place when rows above come and go', () => {
    const view = viewport(1_000)
    view.scrolled(500 * ROW_HEIGHT + 11)
    view.changed(1_100, 0, 100)
    expect(view.top).toBe(600 * ROW_HEIGHT + 11)
    view.changed(900, 0, -200)
    expect(view.top).toBe(400 * ROW_HEIGHT + 11)
    view.changed(950, 800, 50)
    expect(view.top).toBe(400 * ROW_HEIGHT + 11)
  })

  it('reveals a row with the least movement', () => {
    const view = viewport(1_000)
    view.scrollTo(100 * ROW_HEIGHT)
    view.reveal(105)
    expect(view.top).toBe(100 * ROW_HEIGHT)
    view.reveal(90)
    expect(view.top).toBe(90 * ROW_HEIGHT)
    view.reveal(200)
    expect(view.top).toBe(181 * ROW_HEIGHT)
  })

  it('turns pages and stops at the ends', () => {
    const view = viewport(50)
    view.page(-1)
    expect(view.following).toBe(false)
    view.page(-5)
    expect(view.top).toBe(0)
    view.page(9)
    expect(view.following).toBe(true)
  })

  it('stays inside a list that shrinks', () => {
    const view = viewport(1_000)
    view.scrolled(700 * ROW_HEIGHT)
    view.changed(1, 0, -999)
    expect(view.top).toBe(0)
  })
})
