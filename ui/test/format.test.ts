import { describe, expect, it } from 'vitest'

import { inlinePairs, oneLine, sourceOf } from '../src/lib/format/line'
import { bytes, count, shortCount } from '../src/lib/format/number'
import { clock, fullTime, lateness } from '../src/lib/format/time'
import { childCount, children, copyText } from '../src/lib/format/tree'
import { ExactNumber, parseExact } from '../src/lib/records/exact'
import { record } from './samples'

describe('oneLine', () => {
  it.each([
    ['a\nb\r\nc', 'a ↵ b ↵ c'],
    ['a\tb\u0000c\u0085', 'a  b·c·'],
    ['\u001b[31mred\u001b[0m \u001b]0;title\u0007x', 'red x'],
    ['ends\n\n', 'ends'],
  ])('%j', (text, want) => {
    expect(oneLine(text)).toBe(want)
  })

  it('cuts what no row can show', () => {
    expect(oneLine('x'.repeat(5_000_000), 10)).toBe('xxxxxxxxxx…')
  })
})

describe('inlinePairs', () => {
  it('shows fields, then attributes, nested ones in outline', () => {
    const pairs = inlinePairs(
      record(1, {
        duration_ms: 12.5,
        method: 'GET',
        metadata: { user: { plan: 'pro', deep: { x: 1 } }, list: [1, 2], none: null, big: exact('12345678901234567890') },
      }),
    )
    expect(pairs.map((pair) => `${pair.key}=${pair.value}`)).toEqual([
      'method=GET',
      'duration_ms=12.5',
      'user={plan:pro deep:…}',
      'list=[2]',
      'none=null',
      'big=12345678901234567890',
    ])
  })

  it('stops after what a row can show', () => {
    const metadata = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]))
    expect(inlinePairs(record(1, { metadata })).length).toBeLessThan(20)
  })
})

describe('sourceOf', () => {
  it.each([
    [{ service: 'api', logger: 'api.http' }, 'api.http'],
    [{ service: 'api', logger: 'db' }, 'api/db'],
    [{ service: 'api', logger: 'api' }, 'api'],
    [{ service: 'api' }, 'api'],
    [{ logger: 'db' }, 'db'],
    [{}, ''],
  ])('%j', (more, want) => {
    expect(sourceOf(record(1, more))).toBe(want)
  })
})

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1k'],
    [1_234, '1.2k'],
    [99_999, '100k'],
    [999_499, '999k'],
    [999_500, '1M'],
    [12_345_678, '12M'],
  ])('%d', (n, want) => {
    expect(shortCount(n)).toBe(want)
  })

  it('are grouped, sizes have a unit', () => {
    expect(count(1_234_567)).toBe('1,234,567')
    expect(bytes(512)).toBe('512 B')
    expect(bytes(5_000_000)).toBe('5 MB')
  })
})

describe('times', () => {
  it('keep what came when they cannot be read', () => {
    expect(clock('yesterday')).toBe('yesterday')
    expect(fullTime('yesterday')).toBe('yesterday')
  })

  it('have milliseconds, in full microseconds and the offset', () => {
    expect(clock('2026-11-20T10:00:00.123456Z')).toMatch(/^\d\d:\d\d:00\.123$/)
    expect(fullTime('2026-11-20T10:00:00.123456Z')).toMatch(/^2026-11-\d\d \d\d:\d\d:00\.123456 [+-]\d\d:\d\d$/)
  })

  it.each([
    ['2026-11-20T10:00:30Z', undefined],
    ['2026-11-20T10:01:30Z', 'arrived 90 s after it was made'],
    ['2026-11-20T08:00:00Z', 'dated 2 h ahead of its arrival'],
    [undefined, undefined],
    ['never', undefined],
  ])('observed %s', (observed, want) => {
    expect(lateness('2026-11-20T10:00:00Z', observed)).toBe(want)
  })
})

describe('parseExact', () => {
  it.each([
    ['{"n":12345678901234567890}', '12345678901234567890'],
    ['{"n": -9223372036854775807}', '-9223372036854775807'],
    ['{"n":3.14159265358979323846}', '3.14159265358979323846'],
  ])('keeps the digits of %s', (text, want) => {
    const { n } = parseExact(text) as { n: unknown }
    // Browsers and Node 22 keep them; before that the number is the nearest there is.
    expect(String(n)).toBe(keepsSource() ? want : String(Number(want)))
  })

  it.each(['{"n":1234567890123456}', '{"n":0.1}', '{"n":1e300}', '{"n":"12345678901234567890"}', '[1,[2],{"a":null}]'])('reads %s as ever', (text) => {
    expect(parseExact(text)).toEqual(JSON.parse(text))
  })
})

// In records as parsed here it stands for a number, which the wire's types know only as one.
function exact(digits: string): number {
  return new ExactNumber(digits) as unknown as number
}

function keepsSource(): boolean {
  let kept = false
  const reviver = (_key: string, _value: unknown, context?: { source?: string }) => {
    kept = context?.source !== undefined
  }
  JSON.parse('1', reviver as (this: unknown, key: string, value: unknown) => unknown)
  return kept
}

describe('tree', () => {
  it('does not walk what it does not show', () => {
    const long = Array.from({ length: 100_000 }, (_, i) => i)
    expect(childCount(long)).toBe(100_000)
    expect(children(long, 2)).toEqual([
      ['0', 0],
      ['1', 1],
    ])
    expect(children({ a: 1, b: 2 }, 1)).toEqual([['a', 1]])
  })

  it('copies text as it is and the rest as JSON', () => {
    expect(copyText('a "b"')).toBe('a "b"')
    expect(copyText({ a: 1 })).toBe('{\n  "a": 1\n}')
    expect(copyText(null)).toBe('null')
  })
})
