/**
 * JSON whose numbers keep their digits. JavaScript's numbers end at 2^53, records
 * hold 64-bit integers: those stay text here, marked as a number.
 */
export class ExactNumber {
  constructor(readonly digits: string) {}

  toString(): string {
    return this.digits
  }

  /** For the built-in stringify: as a number where the browser can. */
  toJSON(): unknown {
    const json = JSON as unknown as { rawJSON?: (text: string) => unknown }
    return json.rawJSON ? json.rawJSON(this.digits) : this.digits
  }
}

// 16 digits or more may not survive; a false hit only costs the slower parse.
const suspicious = /[[:,]\s*-?\d[\d.]{15,}/

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown

export function parseExact(text: string): unknown {
  if (!suspicious.test(text)) return JSON.parse(text)
  const revive: Reviver = (_key, value, context) => {
    if (typeof value !== 'number' || context?.source === undefined) return value
    return isExact(value, context.source) ? value : new ExactNumber(context.source)
  }
  return JSON.parse(text, revive)
}

function isExact(value: number, source: string): boolean {
  if (Number.isSafeInteger(value)) return true
  if (/^-?\d+$/.test(source)) return false
  return digitsOf(source) === digitsOf(String(value))
}

// The significant digits, to compare two spellings of one number.
function digitsOf(text: string): string {
  const mantissa = text.toLowerCase().split('e')[0] ?? ''
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '')
}
