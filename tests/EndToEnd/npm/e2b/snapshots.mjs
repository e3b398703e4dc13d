import { assert, failure, until } from './tools.mjs'

export async function snapshots({ Sandbox, sandbox, keep, version }, check) {
  const name = `kept-${version.replaceAll('.', '-')}-${Math.random().toString(36).slice(2)}`

  await check('create, use and remove', async () => {
    const s = await sandbox({ timeoutMs: 120_000 })
    await s.files.write('state', 'at the snapshot')
    const going = await s.commands.run('exec sleep 300', { background: true, timeoutMs: 0 })
    going.wait().catch(() => undefined)
    const taken = await s.createSnapshot()
    assert.ok(taken.snapshotId)
    assert.equal(await s.isRunning(), true)
    await s.files.write('state', 'changed')
    const [a, b] = await Promise.all([sandbox(taken.snapshotId, { envs: { LATER: 'given' } }), sandbox(taken.snapshotId)])
    assert.equal((await a.commands.run('echo $LATER')).stdout, 'given\n')
    assert.equal(await a.files.read('state'), 'at the snapshot')
    assert.equal(await b.files.read('state'), 'at the snapshot')
    assert.ok((await a.commands.list()).some(p => p.pid === going.pid))
    await b.files.write('state', 'of b')
    assert.equal(await a.files.read('state'), 'at the snapshot')
    assert.equal(await s.files.read('state'), 'changed')
    assert.equal(await Sandbox.deleteSnapshot(taken.snapshotId), true)
    assert.equal(await Sandbox.deleteSnapshot(taken.snapshotId), false)
    await failure(Sandbox.create(taken.snapshotId))
    await Promise.all([s, a, b].map(x => x.kill()))
  })

  await check('names and lists', async () => {
    const s = await sandbox({ timeoutMs: 120_000 })
    const named = await s.createSnapshot({ name })
    const plain = await s.createSnapshot()
    const of = async options => { const out = []; const p = Sandbox.listSnapshots(options); while (p.hasNext) out.push(...await p.nextItems()); return out }
    const mine = await of({ sandboxId: s.sandboxId })
    assert.deepEqual(mine.map(x => x.snapshotId), [plain.snapshotId, named.snapshotId])
    const first = Sandbox.listSnapshots({ sandboxId: s.sandboxId, limit: 1 })
    assert.deepEqual((await first.nextItems()).map(x => x.snapshotId), [plain.snapshotId])
    assert.equal(first.hasNext, true)
    const byName = await sandbox(name)
    assert.equal(await byName.isRunning(), true)
    await s.kill()
    assert.equal((await until(() => of({ sandboxId: s.sandboxId }))).length, 2)
    assert.equal(await Sandbox.deleteSnapshot(named.snapshotId), true)
    assert.equal(await Sandbox.deleteSnapshot(plain.snapshotId), true)
    await byName.kill()
  })

  await check('of a fork', async () => {
    const s = await sandbox({ timeoutMs: 120_000 })
    await s.files.write('state', '1')
    const [fork] = await s.fork()
    keep(fork)
    const taken = await fork.createSnapshot()
    await fork.kill()
    const again = await sandbox(taken.snapshotId)
    assert.equal(await again.files.read('state'), '1')
    await Promise.all([s.kill(), again.kill(), Sandbox.deleteSnapshot(taken.snapshotId)])
  })
}
