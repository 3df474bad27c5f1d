import { parentPort, workerData } from 'node:worker_threads'
import { promisify } from 'node:util'
import zlib from 'node:zlib'

const gzip = promisify(zlib.gzip)
const { url, batchSize, flushInterval } = workerData
const queue = []
let acknowledged = 0

parentPort.on('message', (entry) => {
  queue.push(entry)
  if (queue.length >= batchSize) void send()
})
setInterval(() => void send(), flushInterval)

// Several batches may be on their way at once. One that fails goes back to the front,
// and is tried again for ever.
async function send() {
  if (queue.length === 0) return
  const batch = queue.splice(0, batchSize)
  try {
    let body = JSON.stringify({ logs: batch })
    const headers = { 'Content-Type': 'application/json' }
    if (batch.length >= 100) {
      body = await gzip(body)
      headers['Content-Encoding'] = 'gzip'
    }
    const answer = await fetch(`${url}/logs`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
    acknowledged += batch.length
    parentPort.postMessage(acknowledged)
  } catch {
    queue.unshift(...batch)
  }
}
