import { expect, it } from 'vitest'

import { Counters } from '../src/lib/stream/counters'
import { ping } from './samples'

it('adds up over connections, with what pings have not told yet', () => {
  const counters = new Counters()
  counters.opened()
  counters.records(10)
  expect(counters.received).toBe(10)
  counters.ping(ping({ seen: 25, skipped: 3 }))
  counters.records(5)
  expect(counters.received).toBe(25)
  counters.gap(7)
  expect(counters.skipped).toBe(7)
  counters.opened()
  expect(counters).toMatchObject({ received: 25, skipped: 7 })
  counters.ping(ping({ seen: 4, skipped: 1 }))
  expect(counters).toMatchObject({ received: 29, skipped: 8 })
  counters.reset()
  expect(counters).toMatchObject({ received: 0, skipped: 0 })
})
