// The page of the demo application. It logs as the log-collector's browser client does:
// batches of records, posted to the server's /logs.
const server = document.body.dataset.server
const session = crypto.randomUUID()
let user = null

const flushAfter = 1000 // ms, as the clients of the log-collector
const maxWaiting = 1000 // records; the oldest give way, and are counted
let waiting = []
let dropped = 0
let timer = null

function log(level, message, more = {}) {
  const record = {
    created_at: Date.now() / 1000, level, message,
    service: 'demo-frontend', log_type: 'FRONTEND', environment: 'development', service_version: 'v1.0.0',
    session_id: session, path: location.pathname, ...(user && { user_id: user }), ...more,
  }
  if (waiting.push(record) > maxWaiting) {
    waiting.shift()
    dropped++
  }
  timer ??= setTimeout(flush, flushAfter)
  const line = document.createElement('li')
  line.className = level
  line.textContent = `${level} ${message}`
  document.querySelector('#log').prepend(line)
}

async function flush(leaving = false) {
  clearTimeout(timer)
  timer = null
  if (waiting.length === 0) return
  // What outlives the page may have 64 KB at most, in all.
  const batch = waiting.splice(0, leaving ? 100 : maxWaiting)
  const status = document.querySelector('#shipping')
  try {
    // A text/plain body needs no preflight; the server reads it as JSON all the same.
    const response = await fetch(`${server}/logs`, { method: 'POST', body: JSON.stringify({ logs: batch }), keepalive: leaving })
    if (!response.ok) throw new Error(`status ${response.status}`)
    status.textContent = dropped ? `${dropped} records of this page were dropped.` : 'It takes the records.'
  } catch (problem) {
    status.textContent = `It does not take the records (${problem.message}). Is it running? Start it with: weir serve`
    waiting = [...batch, ...waiting]
    while (waiting.length > maxWaiting) {
      waiting.shift()
      dropped++
    }
    timer ??= setTimeout(flush, 5 * flushAfter)
  }
}

addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') flush(true) })
addEventListener('error', (e) => log('ERROR', e.message, { error_type: e.error?.name, stack_trace: e.error?.stack, file_path: e.filename, line_number: e.lineno }))
addEventListener('unhandledrejection', (e) => log('ERROR', String(e.reason), { error_type: e.reason?.name, stack_trace: e.reason?.stack }))

// call asks the service, in a trace of its own: the records of the page and of the
// service are found together.
async function call(method, path, body) {
  const trace = crypto.randomUUID().replaceAll('-', '')
  const started = performance.now()
  const headers = { 'X-Trace-Id': trace, ...(user && { 'X-User-Id': user }), ...(body && { 'Content-Type': 'application/json' }) }
  log('INFO', `${method} ${path}`, { trace_id: trace, method })
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) })
  const level = response.status >= 500 ? 'ERROR' : response.status >= 400 ? 'WARN' : 'INFO'
  log(level, `${method} ${path} answered ${response.status}`, {
    trace_id: trace, method, status_code: response.status, duration_ms: Math.round(performance.now() - started),
  })
  return response.json()
}

async function show() {
  const { todos } = await call('GET', '/api/todos')
  const list = document.querySelector('#todos')
  list.replaceChildren(...todos.map((todo) => {
    const item = document.createElement('li')
    const label = document.createElement('label')
    label.className = todo.completed ? 'done' : ''
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: todo.completed })
    box.onchange = async () => { await call('PUT', `/api/todos/${todo.id}`, { completed: box.checked }); await show() }
    label.append(box, ' ', todo.text)
    const remove = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Delete' })
    remove.onclick = async () => { await call('DELETE', `/api/todos/${todo.id}`); await show() }
    item.append(label, remove)
    return item
  }))
}

document.querySelector('#login').onsubmit = async (e) => {
  e.preventDefault()
  const answer = await call('POST', '/api/login', Object.fromEntries(new FormData(e.target)))
  user = answer.user_id ?? null
  document.querySelector('#user').textContent = user ? `logged in as ${user}` : 'not logged in'
}
document.querySelector('#add').onsubmit = async (e) => {
  e.preventDefault()
  await call('POST', '/api/todos', { text: new FormData(e.target).get('text') })
  e.target.reset()
  await show()
}
document.querySelector('#error').onclick = () => call('GET', '/api/error')
document.querySelector('#slow').onclick = () => call('GET', '/api/slow')
document.querySelector('#broken').onclick = () => { throw new TypeError('this page failed on purpose') }

log('INFO', 'Page opened', { user_agent: navigator.userAgent })
await show()
