import { describe, expect, it } from 'vitest'

import { connectionText } from '../src/header/connection'
import { apiPath } from '../src/lib/api'
import { examples } from '../src/logs/examples'
import { CHUNK_LENGTH, chunks, nextLength } from '../src/panel/portion'
import { shouldReload } from '../src/state/build'
import { formatHash, parseHash } from '../src/state/location'

describe('the address', () => {
  it.each([
    ['', ''],
    ['#q=timeout+level%3E%3Dwarn&level=WARN%2CERROR&id=123', '#q=timeout+level%3E%3Dwarn&level=WARN%2CERROR&id=123'],
    ['#level=error,nonsense', '#level=ERROR'],
    ['#id=12x', ''],
    ['#q=%E2%82%AC%20%26', '#q=%E2%82%AC+%26'],
    ['#%', ''],
    ['#tab=checkpoints&q=a', '#q=a&tab=checkpoints'],
    ['#tab=nonsense', ''],
  ])('%s', (hash, want) => {
    expect(formatHash(parseHash(hash))).toBe(want)
  })
})

describe('reloading for another build', () => {
  const guard = () => {
    const values = new Map<string, string>()
    return { getItem: (key: string) => values.get(key) ?? null, setItem: (key: string, value: string) => void values.set(key, value) }
  }

  it('happens once for each build', () => {
    const tab = guard()
    expect(shouldReload('aaa', 'aaa', tab)).toBe(false)
    expect(shouldReload('aaa', 'bbb', tab)).toBe(true)
    expect(shouldReload('aaa', 'bbb', tab)).toBe(false)
    expect(shouldReload('bbb', 'ccc', tab)).toBe(true)
  })

  it('does not happen where the builds are not known or cannot be remembered', () => {
    expect(shouldReload('000000000000', 'bbb', guard())).toBe(false)
    expect(shouldReload('aaa', '', guard())).toBe(false)
    expect(shouldReload('aaa', 'bbb', { getItem: () => null, setItem: () => undefined })).toBe(false)
    const refusing = () => {
      throw new Error('refused')
    }
    expect(shouldReload('aaa', 'bbb', { getItem: refusing, setItem: refusing })).toBe(false)
  })
})

it('addresses of the API are relative and leave out what is not given', () => {
  expect(apiPath('stats')).toBe('api/v1/stats')
  expect(apiPath('stream', { q: 'a b&c', after: undefined, replay: 0 })).toBe('api/v1/stream?q=a+b%26c&replay=0')
  expect(apiPath('records', { q: '' })).toBe('api/v1/records')
})

describe('connectionText', () => {
  it('counts down to the next try', () => {
    expect(connectionText({ kind: 'waiting', until: 5_000, offline: false }, false, 2_100)).toMatchObject({ text: 'Reconnecting', detail: 'in 3 s' })
    expect(connectionText({ kind: 'waiting', until: 5_000, offline: true }, false, 9_000)).toMatchObject({ text: 'Offline', detail: 'next try in 0 s' })
    expect(connectionText({ kind: 'live' }, true, 0).text).toBe('Paused')
    expect(connectionText({ kind: 'live' }, false, 0).text).toBe('Live')
    expect(connectionText({ kind: 'connecting' }, false, 0).text).toBe('Connecting')
  })
})

it('large texts come in portions', () => {
  expect(nextLength(20_000, 25_000)).toBe(25_000)
  expect(nextLength(20_000, 5_000_000)).toBe(532_000)
})

it.each([
  ['lines', 'a line of text\n'.repeat(5_000)],
  ['one line', 'x'.repeat(100_000)],
  ['pairs of surrogates', '😀'.repeat(30_000)],
  ['pairs off by one', `x${'😀'.repeat(30_000)}`],
  ['short', 'abc'],
  ['empty', ''],
])('chunks lose nothing and cut no character: %s', (_name, text) => {
  const parts = chunks(text, text.length)
  expect(parts.join('')).toBe(text)
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(CHUNK_LENGTH)
  for (const part of parts) expect(() => encodeURIComponent(part)).not.toThrow()
  expect(chunks(text, 10).join('')).toBe(text.slice(0, 10))
})

it('examples carry the page’s own address', () => {
  const [curl, file] = examples('http://host:5678/logs/', 'server')
  expect(curl?.code).toContain('curl http://host:5678/logs/api/v1/records')
  expect(file?.code).toContain("'http://host:5678/logs/api/v1/records?service=shop'")
  expect(examples('http://x/', 'program').map((each) => each.title)).toEqual(['Go'])
})
