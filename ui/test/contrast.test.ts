import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import { ROW_HEIGHT } from '../src/lib/list/viewport'

const css = readFileSync(new URL('../src/app.css', import.meta.url), 'utf8')

/** What WCAG asks of text at AA. */
const AA = 4.5

const tokens = new Map<string, [string, string]>()
for (const [, name, light, dark] of css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)) {
  tokens.set(name as string, [light as string, dark as string])
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

const text = ['text', 'muted', 'accent', 'trace', 'debug', 'info', 'warn', 'error', 'other', 'done']
const grounds = ['ground', 'surface', 'raised', 'hover', 'selected', 'error-row']

describe('every text on every ground', () => {
  const pairs = [
    ...text.flatMap((front) => grounds.map((back) => [front, back] as const)),
    ['on-accent', 'accent'],
    ['on-mark', 'mark'],
    ['on-fatal', 'fatal'],
    ['text', 'warn-ground'],
    ['muted', 'warn-ground'],
    ['accent', 'warn-ground'],
  ] as const

  it.each(pairs)('%s on %s', (front, back) => {
    for (const scheme of [0, 1] as const) {
      const f = tokens.get(front)?.[scheme]
      const b = tokens.get(back)?.[scheme]
      expect(contrast(f as string, b as string), `${scheme === 0 ? 'light' : 'dark'} ${f} on ${b}`).toBeGreaterThanOrEqual(AA)
    }
  })
})

it('rows are as high as the viewport thinks', () => {
  expect(css).toContain(`--row: ${ROW_HEIGHT}px;`)
})
