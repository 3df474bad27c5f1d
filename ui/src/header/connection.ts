import type { Phase } from '../lib/stream/livestream'

export interface ConnectionText {
  tone: 'live' | 'paused' | 'connecting' | 'waiting' | 'offline'
  /** Said aloud when it changes, so it holds no countdown. */
  text: string
  /** The countdown. */
  detail: string
}

/** The words for a connection's state. */
export function connectionText(phase: Phase, paused: boolean, now: number): ConnectionText {
  switch (phase.kind) {
    case 'live':
      return paused ? { tone: 'paused', text: 'Paused', detail: '' } : { tone: 'live', text: 'Live', detail: '' }
    case 'waiting': {
      const seconds = Math.max(0, Math.ceil((phase.until - now) / 1000))
      return phase.offline
        ? { tone: 'offline', text: 'Offline', detail: `next try in ${seconds} s` }
        : { tone: 'waiting', text: 'Reconnecting', detail: `in ${seconds} s` }
    }
    default:
      return { tone: 'connecting', text: 'Connecting', detail: '' }
  }
}
