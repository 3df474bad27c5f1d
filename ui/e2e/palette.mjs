// Makes a small PNG of a screenshot: one byte a pixel, from a palette of its colours.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const COLORS = 256

/**
 * Returns the picture in 256 of its colours; the others, shades at the edges of
 * letters, become the nearest of them. It reads what Chromium writes: 8 bits
 * a channel, not interlaced, and nothing transparent.
 */
export function toPalette(png) {
  const { width, height, pixels } = decode(png)
  const counts = new Map()
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1)
  const { palette, index } = choose(counts)
  // A row begins with its filter: none, which is best for a palette.
  const rows = Buffer.alloc(height * (width + 1))
  pixels.forEach((color, i) => {
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = index.get(color)
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const table = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]))
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', table),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

// One colour after the other: the one that the palette so far shows worst, over all
// its pixels. A small but strong colour gets its place like a frequent faint one.
function choose(counts) {
  const palette = []
  const index = new Map()
  const distances = new Map([...counts.keys()].map((color) => [color, Infinity]))
  for (let next = mostFrequent(counts); next !== undefined && palette.length < COLORS; ) {
    palette.push(next)
    let worst = 0
    const added = next
    next = undefined
    for (const [color, count] of counts) {
      const near = Math.min(distances.get(color), distance(color, added))
      if (near < distances.get(color)) index.set(color, palette.length - 1)
      distances.set(color, near)
      if (near * count > worst) [worst, next] = [near * count, color]
    }
  }
  return { palette, index }
}

function mostFrequent(counts) {
  return [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0]
}

function distance(a, b) {
  const red = (a >> 16) - (b >> 16)
  const green = ((a >> 8) & 255) - ((b >> 8) & 255)
  const blue = (a & 255) - (b & 255)
  return red * red + green * green + blue * blue
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

function decode(png) {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('read picture: not a PNG')
  let header
  const data = []
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const body = png.subarray(at + 8, at + 8 + size)
    if (type === 'IHDR') header = body
    if (type === 'IDAT') data.push(body)
    at += size + 12
  }
  const [depth, kind, , , interlaced] = header.subarray(8)
  const channels = { 2: 3, 6: 4 }[kind]
  if (depth !== 8 || channels === undefined || interlaced) throw new Error('read picture: not as Chromium writes it')
  const width = header.readUInt32BE(0)
  const height = header.readUInt32BE(4)
  const bytes = unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels)
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => bytes.readUIntBE(i * channels, 3))
  return { width, height, pixels }
}

// Each row was written as differences from its neighbours, in the way its first byte names.
function unfilter(rows, stride, height, channels) {
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x
      const left = x >= channels ? out[at - channels] : 0
      const up = y > 0 ? out[at - stride] : 0
      const corner = x >= channels && y > 0 ? out[at - stride - channels] : 0
      out[at] = rows[y * (stride + 1) + 1 + x] + predicted(filter, left, up, corner)
    }
  }
  return out
}

function predicted(filter, left, up, corner) {
  switch (filter) {
    case 0:
      return 0
    case 1:
      return left
    case 2:
      return up
    case 3:
      return (left + up) >> 1
    default: {
      const guess = left + up - corner
      const [toLeft, toUp, toCorner] = [left, up, corner].map((side) => Math.abs(guess - side))
      return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
    }
  }
}
