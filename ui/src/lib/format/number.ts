const grouped = new Intl.NumberFormat('en-US')

/** A count in full: 1,234,567. */
export function count(n: number): string {
  return grouped.format(n)
}

/** A count for small places: 999, 1.2k, 34k, 5.6M. */
export function shortCount(n: number): string {
  if (n < 1_000) return String(n)
  if (n < 999_500) return `${short(n / 1_000)}k`
  return `${short(n / 1_000_000)}M`
}

/** A size: 812 B, 4.8 MB. */
export function bytes(n: number): string {
  if (n < 1_000) return `${n} B`
  if (n < 999_500) return `${short(n / 1_000)} kB`
  return `${short(n / 1_000_000)} MB`
}

function short(n: number): string {
  return n < 9.95 ? n.toFixed(1).replace(/\.0$/, '') : String(Math.round(n))
}
