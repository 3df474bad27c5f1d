import { Client } from './client.mjs'

const [url, count] = process.argv.slice(2)
const client = new Client(url, 'node')
client.log('INFO', 'first 한국어 😀', { user_id: 7, nested: { a: [1, null, true] }, n: null, half: '\ud83d' })
for (let i = 1; i < Number(count); i++) client.log('INFO', `line ${i}`, { number: i })
await client.sent(Number(count))
