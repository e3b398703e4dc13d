// How fast the NATS client from npm publishes: messages without an answer, then messages that a stream acknowledges, many on their way.
//   node nats-peer.mjs URL USER SUBJECT STORED-SUBJECT   (password in NATS_PASSWORD) prints "core RATE" and "stored RATE"
import { connect } from 'nats'

const [, , servers, user, subject, storedSubject] = process.argv
const nc = await connect({ servers, user, pass: process.env.NATS_PASSWORD })
const data = Buffer.alloc(128, 'x')
await measure('core', 500_000, async count => {
  for (let i = 0; i < count; i++) {
    nc.publish(subject, data)
  }
  await nc.flush()
})
const js = nc.jetstream()
await measure('stored', 50_000, async count => {
  let next = 0
  await Promise.all(Array.from({ length: 1_000 }, async () => {
    while (next++ < count) {
      await js.publish(storedSubject, data)
    }
  }))
})
await nc.close()

async function measure(name, count, work) {
  await work(count / 10)
  const start = performance.now()
  await work(count)
  console.log(`${name} ${Math.round(count / (performance.now() - start) * 1000)}`)
}
