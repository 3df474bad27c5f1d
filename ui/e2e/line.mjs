// A line between a page and a server that can be cut while both live on.
import { connect, createServer } from 'node:net'

export class Line {
  url = ''
  #sockets = new Set()
  #cut = false
  #server

  /** Opens a line to the server at `url`; whoever opens it closes it. */
  static async open(url) {
    const line = new Line()
    const port = Number(new URL(url).port)
    line.#server = createServer((near) => {
      if (line.#cut) return void near.destroy()
      const far = connect(port, '127.0.0.1')
      line.#join(near, far)
      line.#join(far, near)
    })
    await new Promise((resolve, reject) => {
      line.#server.once('error', reject)
      line.#server.listen(0, '127.0.0.1', resolve)
    })
    line.url = `http://127.0.0.1:${line.#server.address().port}/`
    return line
  }

  #join(from, to) {
    this.#sockets.add(from)
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
    // An end that goes away closes the other; there is nothing else to do about it.
    from.on('error', () => {})
    from.pipe(to)
  }

  /** Breaks what goes over it and lets nothing new through. */
  cut() {
    this.#cut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend() {
    this.#cut = false
  }

  async close() {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
