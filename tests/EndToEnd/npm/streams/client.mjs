// The official client writes and reads: a producer that sends a batch twice, a reader that comes late, one that waits.
import { DurableStream, stream } from '@durable-streams/client'

const url = process.argv[2]
const handle = await DurableStream.create({ url, contentType: 'text/plain' })
const parts = ['The ', 'answer ', 'is ', '42.']

const live = await stream({ url, offset: '-1', live: 'sse' })
const seen = (async () => {
  let text = ''
  await new Promise((done) => {
    live.subscribeText((chunk) => {
      text += chunk.text
      if (text.endsWith('42.')) done()
    })
  })
  return text
})()

for (const [seq, body] of parts.entries()) {
  const headers = { 'content-type': 'text/plain', 'producer-id': 'p', 'producer-epoch': '0', 'producer-seq': String(seq) }
  const first = await fetch(url, { method: 'POST', headers, body })
  const again = await fetch(url, { method: 'POST', headers, body })
  if (first.status !== 200 || again.status !== 204) throw new Error(`batch ${seq}: ${first.status}, then ${again.status}`)
}

console.log(`live: ${await seen}`)
const late = await stream({ url, offset: '-1', live: false })
console.log(`late: ${await late.text()}`)
await handle.close()
const closed = await fetch(url, { method: 'HEAD' })
console.log(`closed: ${closed.headers.get('stream-closed')}`)
await handle.delete()
console.log(`deleted: ${(await fetch(url, { method: 'HEAD' })).status}`)
process.exit(0)
