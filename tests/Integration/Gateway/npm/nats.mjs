// The NATS client from npm: says what it finds of what ours wrote, then writes the same itself, and answers one request.
//   node nats.mjs URL USER NAME   (password in NATS_PASSWORD; ends with its standard input)
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, headers } from 'nats'

const [, , servers, user, name] = process.argv
const sha256 = data => createHash('sha256').update(data).digest('hex')
const nc = await connect({ servers, user, pass: process.env.NATS_PASSWORD })
const js = nc.jetstream()

const consumer = await js.consumers.get(name)
for await (const message of await consumer.fetch({ max_messages: 3, expires: 30_000 })) {
  const found = message.headers ? message.headers.keys().filter(k => k.startsWith('X-')).map(k => `${k}=${message.headers.values(k)}`) : []
  console.log(`stored ${message.subject} ${sha256(message.data)} ${found.join(',')}`)
}
const kv = await js.views.kv(name, { bindOnly: true })
console.log(`value ${(await kv.get('key')).string()}, removed ${(await kv.get('gone')).operation}`)
const objects = await js.views.os(name)
const object = await objects.get('of ours')
const chunks = []
for await (const chunk of object.data) {
  chunks.push(chunk)
}
console.log(`object ${sha256(Buffer.concat(chunks))}${await object.error ?? ""}`)

const large = Buffer.alloc(300_000, 'theirs')
const h = headers()
h.append('X-One', 'a b: c')
h.append('X-Two', '1')
await js.publish(`${name}.theirs`, Buffer.from('with headers'), { headers: h })
await js.publish(`${name}.theirs`, new Uint8Array())
await kv.put('theirs', 'a value')
await kv.delete('key')
await objects.putBlob({ name: 'of theirs' }, large)
nc.subscribe(`${name}-request`, { callback: (_, message) => message.respond(`${message.string()} answered`) })
await nc.flush()
console.log(`written ${sha256(large)}`)
process.stdin.resume()
await once(process.stdin, 'end')
await nc.drain()
