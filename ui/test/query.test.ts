import { describe, expect, it } from 'vitest'

import { ExactNumber } from '../src/lib/records/exact'
import { addTerm, canFilter, compose, fieldTerm } from '../src/lib/query/compose'
import { searchedWords, segments, wordPattern } from '../src/lib/query/highlight'
import { MAX_HISTORY, remember, suggestions } from '../src/lib/query/history'
import { tokenize } from '../src/lib/query/tokens'

describe('tokenize', () => {
  it.each([
    ['a "b c" d', ['a', 'b c', 'd']],
    ['service:api level>=warn', ['service:api', 'level>=warn']],
    ['message:"two words" x', ['message:"two words"', 'x']],
    ['path:/a (b|c)/ y', ['path:/a (b|c)/', 'y']],
    ['(a OR b) NOT c', ['(', 'a', 'OR', 'b', ')', 'NOT', 'c']],
    ['call(x OR y) (call() b)', ['call(x', 'OR', 'y', ')', '(', 'call()', 'b', ')']],
    ['"say \\"hi\\"" "open', ['say "hi"', 'open']],
    ['"', ['']],
    ['', []],
  ])('%s', (query, want) => {
    expect(tokenize(query).map((token) => token.text)).toEqual(want)
  })

  it.each([
    ['-a', true],
    ['NOT a', true],
    ['a-b', false],
    ['- a', false],
  ])('negation in %s', (query, want) => {
    const token = tokenize(query).filter((each) => each.kind === 'text').pop()
    expect(token).toMatchObject({ negated: want })
  })
})

describe('compose', () => {
  it.each([
    ['', false, [], ''],
    [' timeout ', false, [], 'timeout'],
    ['', false, ['WARN'], 'level:WARN'],
    ['', false, ['FATAL', 'ERROR'], '(level:ERROR OR level:FATAL)'],
    ['a b', false, ['ERROR'], 'a b level:ERROR'],
    ['a OR b', false, ['ERROR'], '(a OR b) level:ERROR'],
    ['(a OR b) since:15m', false, ['ERROR'], '(a OR b) since:15m level:ERROR'],
    ['"a OR b"', false, ['ERROR'], '"a OR b" level:ERROR'],
    ['a(', true, ['ERROR'], '"a(" level:ERROR'],
    ['say "', true, [], '"say \\""'],
    ['a', false, ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'], 'a'],
  ])('%s', (text, plain, levels, want) => {
    expect(compose(text, plain, new Set(levels))).toBe(want)
  })
})

describe('addTerm', () => {
  it.each([
    ['', 'service', 'api', false, 'service:api'],
    ['timeout', 'service', 'api', true, 'timeout -service:api'],
    ['a OR b', 'service', 'api', false, '(a OR b) service:api'],
    ['service:api', 'service', 'api', false, 'service:api'],
    ['-service:api', 'service', 'api', false, '-service:api service:api'],
    ['', 'user.plan', 'two words', false, 'user.plan:"two words"'],
    ['', 'two words', 'x', false, '"two words":x'],
    ['', 'has', 'x', true, '-"has":x'],
    ['', '1st.', 'x', false, '"1st.":x'],
    ['', 'n', 5, false, 'n:5'],
    ['', 'n', -5, false, 'n:"-5"'],
    ['', 'n', new ExactNumber('12345678901234567890'), false, 'n:12345678901234567890'],
    ['', 'path', '/a/b', false, 'path:"/a/b"'],
    ['', 'v', '1..2', false, 'v:"1..2"'],
    ['', 'v', 'pre*', false, 'v:"pre*"'],
    ['', 'v', 'a"b\\c', false, 'v:"a\\"b\\\\c"'],
  ])('%s + %s:%s', (query, field, value, exclude, want) => {
    expect(addTerm(query, field, value, exclude)).toBe(want)
  })

  it('is offered for what the language can say', () => {
    expect(canFilter('user.plan', 'pro')).toBe(true)
    expect(canFilter('', 'x')).toBe(false)
    expect(canFilter('a', '')).toBe(false)
    expect(canFilter('a', null)).toBe(false)
    expect(canFilter('a', {})).toBe(false)
    expect(canFilter('a', 'x'.repeat(1_000))).toBe(false)
    expect(fieldTerm('deleted', true)).toBe('deleted:true')
  })
})

describe('highlight', () => {
  it.each([
    ['timeout "connection reset" -noise service:api NOT other', false, ['timeout', 'connection reset']],
    ['message:"lost" a', false, ['lost', 'a']],
    ['bad( query', true, ['bad( query']],
    ['', true, []],
  ])('words of %s', (query, plain, want) => {
    expect(searchedWords(query, plain)).toEqual(want)
  })

  it('marks every hit in any case and takes words literally', () => {
    const pattern = wordPattern(['a.c', 'time', 'timeout'])
    expect(segments('TIMEOUT abc A.C', pattern)).toEqual([
      { text: 'TIMEOUT', hit: true },
      { text: ' abc ', hit: false },
      { text: 'A.C', hit: true },
    ])
    expect(segments('', pattern)).toEqual([{ text: '', hit: false }])
    expect(segments('x', undefined)).toEqual([{ text: 'x', hit: false }])
    expect(wordPattern([])).toBeUndefined()
  })

  it.each(['[', ']', '(', '\\', '{1', 'a|b', '/x', '-', '^$', 'İ', '#', '&&', '~'])('takes %s', (word) => {
    expect(segments(`<${word}>`, wordPattern([word]))).toContainEqual({ text: word, hit: true })
  })
})

describe('history', () => {
  it('has the newest first, each once, and an end', () => {
    expect(remember(['b', 'a'], ' a ')).toEqual(['a', 'b'])
    expect(remember(['b'], ' ')).toEqual(['b'])
    const many = Array.from({ length: 50 }, (_, i) => `q${i}`)
    expect(remember(many, 'x')).toHaveLength(MAX_HISTORY)
  })

  it('suggests what contains the typed text', () => {
    expect(suggestions(['level:ERROR', 'timeout', 'TIME'], 'time', 5)).toEqual(['timeout', 'TIME'])
    expect(suggestions(['a', 'b'], '', 1)).toEqual(['a'])
    expect(suggestions(['a'], 'a', 5)).toEqual([])
  })
})
