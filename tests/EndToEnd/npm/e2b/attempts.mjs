// Many attempts from one prepared state, as training and evaluation do it: prepare once, fork, let each fork try its own way, keep the best,
// and go back to the snapshot for the next round. Run by E2bTests; told in docs/sandboxes.md.
import { Sandbox } from 'e2b'

const attempts = Number(process.argv[2] ?? 20)
const prepared = await Sandbox.create({ timeoutMs: 600_000 })
await prepared.commands.run('mkdir -p task && seq 1 1000 > task/numbers.txt')
const start = await prepared.createSnapshot()

const forks = await prepared.fork({ count: attempts, timeoutMs: 300_000 })
const scores = await Promise.all(forks.map(async (fork, i) => {
  // Each attempt changes its own copy, and no other sees it.
  await fork.commands.run(`head -n ${i + 1} task/numbers.txt > task/answer.txt && rm task/numbers.txt`)
  return Number((await fork.commands.run('wc -l < task/answer.txt')).stdout)
}))
const best = scores.indexOf(Math.max(...scores))
console.log(`best ${best} of ${forks.length}, score ${scores[best]}`)

const untouched = (await prepared.commands.run('wc -l < task/numbers.txt')).stdout.trim()
const again = await Sandbox.create(start.snapshotId, { timeoutMs: 300_000 })
const second = (await again.commands.run('wc -l < task/numbers.txt')).stdout.trim()
console.log(`prepared still has ${untouched}, a sandbox of the snapshot has ${second}`)

await Promise.all([prepared, again, ...forks].map(sandbox => sandbox.kill()))
await Sandbox.deleteSnapshot(start.snapshotId)
