/** A record more than this off its arrival is marked: clocks differ by less. */
const LATE_MS = 60_000

const two = (n: number) => String(n).padStart(2, '0')
const three = (n: number) => String(n).padStart(3, '0')

/** Local time of day with milliseconds; the text itself when it is no time. */
export function clock(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${three(time.getMilliseconds())}`
}

/** Local date and time with the microseconds that came, and the offset from UTC. */
export function fullTime(iso: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  const micros = /\.\d{3}(\d{1,6})/.exec(iso)?.[1] ?? ''
  return `${localDay(time)} ${clock(iso)}${micros} ${offset(time)}`
}

/** The local day of a record, for the heading above its rows. */
export function day(iso: string): string {
  const time = new Date(iso)
  return Number.isNaN(time.getTime()) ? '' : localDay(time)
}

function localDay(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
}

function offset(time: Date): string {
  const minutes = -time.getTimezoneOffset()
  const sign = minutes < 0 ? '-' : '+'
  return `${sign}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
}

/** Says how far a record's time is off its arrival; undefined when it is near. */
export function lateness(created: string, observed: string | undefined): string | undefined {
  if (observed === undefined) return undefined
  const late = new Date(observed).getTime() - new Date(created).getTime()
  if (!(Math.abs(late) > LATE_MS)) return undefined
  return late > 0 ? `arrived ${span(late)} after it was made` : `dated ${span(-late)} ahead of its arrival`
}

function span(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} days`
}
