// Records to post.

export const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

/** `count` records whose messages are numbered from `first` on; the number alone decides everything else. */
export function numbered(first, count) {
  return Array.from({ length: count }, (_, i) => one(first + i))
}

/** The message of the record with this number. */
export function lineOf(n) {
  return `line ${String(n).padStart(6, '0')}`
}

/** The level of the record with this number. */
export function levelOf(n) {
  return LEVELS[n % LEVELS.length]
}

function one(n) {
  return {
    level: levelOf(n),
    service: n % 2 === 0 ? 'orders' : 'billing',
    logger: 'e2e',
    message: lineOf(n),
    duration_ms: n % 1000,
    number: n,
    user: { id: `u-${n % 10}`, plan: n % 10 === 0 ? 'pro' : 'free' },
  }
}
