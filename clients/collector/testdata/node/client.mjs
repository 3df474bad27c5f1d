// A client in the form of the log-collector's for Node: the program's thread only hands
// over, a worker sends.
import { Worker } from 'node:worker_threads'

export class Client {
  constructor(url, service, options = {}) {
    this.service = service
    this.worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: { url: url.replace(/\/$/, ''), batchSize: 1000, flushInterval: 100, ...options },
    })
  }

  log(level, message, fields = {}) {
    this.worker.postMessage({
      level,
      message,
      created_at: Date.now() / 1000,
      ...fields,
      function_name: 'log',
      file_path: import.meta.url,
      autoCaller: false,
      service: this.service,
      environment: 'test',
      service_version: 'v1.2.3',
      log_type: 'BACKEND',
    })
  }

  /** Waits until so many records were acknowledged, and ends the worker. */
  async sent(count) {
    await new Promise((resolve) => {
      this.worker.on('message', (total) => total >= count && resolve())
    })
    await this.worker.terminate()
  }
}
