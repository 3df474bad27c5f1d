import type { CheckpointState } from '../records/checkpoint'
import { count, shortCount } from './number'

/** A part of a hundred: 42.5 %, never 100 % before the end. */
export function percent(value: number): string {
  const rounded = Math.round(value * 10) / 10
  const shown = rounded >= 100 && value < 100 ? 99.9 : rounded
  return `${shown} %`
}

/** Steps a second: 0.25/s, 7.5/s, 1.2k/s. */
export function rate(perSecond: number): string {
  if (perSecond < 10) return `${Number(perSecond.toPrecision(2))}/s`
  return `${shortCount(Math.round(perSecond))}/s`
}

/** What a live row says behind its bar: the count, how fast, and how much longer. */
export function progressWords(state: CheckpointState): string[] {
  const words: string[] = []
  if (state.done !== undefined) words.push(state.total === undefined ? count(state.done) : `${count(state.done)} of ${count(state.total)}`)
  if (state.rate !== undefined) words.push(rate(state.rate))
  if (state.eta !== undefined) words.push(`${state.eta} left`)
  return words
}
