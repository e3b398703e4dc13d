import { assert, failure, until } from './tools.mjs'

export async function lifecycle({ Sandbox, SandboxNotFoundError, NotFoundError, AuthenticationError, sandbox, keep, version }, check) {
  const Missing = SandboxNotFoundError ?? NotFoundError
  const mark = `${version}-${Math.random().toString(36).slice(2)}`

  await check('create', async () => {
    const s = await sandbox({ timeoutMs: 60_000 })
    assert.match(s.sandboxId, /^[a-z0-9]+$/)
    assert.equal(await s.isRunning(), true)
    await s.kill()
  })

  await check('a wrong key is refused', async () => {
    await failure(Sandbox.create({ apiKey: 'e2b_0000000000000000000000000000000000000000' }), AuthenticationError)
  })

  await check('a template that is not there is refused', async () => {
    await failure(Sandbox.create('there-is-no-such-template'))
  })

  await check('getInfo', async () => {
    const before = Date.now()
    const s = await sandbox({ timeoutMs: 120_000, metadata: { mark, 'a key & more': 'a value = 100 %' }, lifecycle: { onTimeout: 'pause' } })
    const info = await s.getInfo()
    assert.equal(info.sandboxId, s.sandboxId)
    assert.equal(info.state, 'running')
    assert.equal(info.metadata['a key & more'], 'a value = 100 %')
    assert.ok(info.cpuCount >= 1 && info.memoryMB > 0 && info.envdVersion)
    const left = info.endAt.getTime() - info.startedAt.getTime()
    assert.ok(Math.abs(left - 120_000) < 2_000, `it has ${left} ms`)
    assert.ok(Math.abs(info.startedAt.getTime() - before) < 60_000)
    await s.kill()
  })

  await check('list by metadata and state', async () => {
    const [a, b] = await Promise.all([sandbox({ metadata: { mark, who: 'a b&c' } }), sandbox({ metadata: { mark, who: 'b' } })])
    const found = async query => (await all(Sandbox.list({ query }))).map(s => s.sandboxId)
    assert.deepEqual(new Set(await found({ metadata: { mark } })), new Set([a.sandboxId, b.sandboxId]))
    assert.deepEqual(await found({ metadata: { mark, who: 'a b&c' } }), [a.sandboxId])
    assert.deepEqual(await found({ metadata: { mark, who: 'nobody' } }), [])
    await pause(b)
    assert.deepEqual(await found({ metadata: { mark }, state: ['running'] }), [a.sandboxId])
    assert.deepEqual(await found({ metadata: { mark }, state: ['paused'] }), [b.sandboxId])
    await Promise.all([a.kill(), b.kill()])
  })

  await check('list in pages, the newest first', async () => {
    const page = `${mark}-pages`
    const made = []
    for (let i = 0; i < 3; i++) {
      made.unshift((await sandbox({ metadata: { page } })).sandboxId)
    }
    const paginator = Sandbox.list({ query: { metadata: { page } }, limit: 2 })
    const first = (await paginator.nextItems()).map(s => s.sandboxId)
    assert.deepEqual(first, made.slice(0, 2))
    assert.equal(paginator.hasNext, true)
    assert.deepEqual((await paginator.nextItems()).map(s => s.sandboxId), made.slice(2))
    assert.equal(paginator.hasNext, false)
    await Promise.all(made.map(id => Sandbox.kill(id)))
  })

  await check('kill says whether there was one', async () => {
    const s = await sandbox()
    assert.equal(await Sandbox.kill(s.sandboxId), true)
    assert.equal(await Sandbox.kill(s.sandboxId), false)
    assert.equal(await s.isRunning(), false)
    await failure(Sandbox.getInfo(s.sandboxId), Missing)
    await failure(Sandbox.connect(s.sandboxId), Missing)
  })

  await check('setTimeout lengthens and shortens, connect only lengthens', async () => {
    const s = await sandbox({ timeoutMs: 60_000 })
    const left = async () => (await s.getInfo()).endAt.getTime() - Date.now()
    await s.setTimeout(300_000)
    assert.ok(Math.abs(await left() - 300_000) < 5_000)
    await s.connect({ timeoutMs: 10_000 })
    assert.ok(await left() > 250_000)
    await Sandbox.setTimeout(s.sandboxId, 100_000)
    assert.ok(Math.abs(await left() - 100_000) < 5_000)
    await s.connect({ timeoutMs: 200_000 })
    assert.ok(Math.abs(await left() - 200_000) < 5_000)
    await s.kill()
    await failure(s.setTimeout(10_000), Missing)
  })

  await check('time that is over kills', async () => {
    const s = await sandbox({ timeoutMs: 1_000 })
    await until(async () => !(await s.isRunning()))
    await failure(Sandbox.getInfo(s.sandboxId), Missing)
  })

  await check('time that is over pauses where asked for', async () => {
    const s = await (Sandbox.betaCreate ? Sandbox.betaCreate({ autoPause: true, timeoutMs: 2_000 }) : Sandbox.create({ lifecycle: { onTimeout: 'pause' }, timeoutMs: 2_000 }))
    keep(s)
    await s.files.write('kept', 'yes')
    await until(async () => !(await s.isRunning()))
    assert.equal((await until(async () => { const i = await s.getInfo(); return i.state === 'paused' && i })).state, 'paused')
    const again = await Sandbox.connect(s.sandboxId, { timeoutMs: 60_000 })
    assert.equal(await again.files.read('kept'), 'yes')
    await s.kill()
  })

  await check('a request wakes one that is to resume by itself', async () => {
    const s = await sandbox({ lifecycle: { onTimeout: 'pause', autoResume: true } })
    await s.files.write('kept', 'yes')
    await pause(s)
    assert.equal(await s.files.read('kept'), 'yes')
    assert.equal((await s.getInfo()).state, 'running')
    await s.kill()
  })

  await check('pause and resume keep processes and variables', async () => {
    const s = await sandbox({ timeoutMs: 120_000, envs: { KEPT: 'too' } })
    const counting = await s.commands.run('i=0; while true; do i=$((i+1)); echo $i; sleep 0.1; done', { background: true, timeoutMs: 0 })
    const ended = counting.wait().catch(e => e)
    const before = await s.commands.run('cat /proc/sys/kernel/random/boot_id')
    assert.equal(await pause(s), true)
    assert.equal(await pause(s), false)
    assert.equal(await s.isRunning(), false)
    assert.equal((await s.getInfo()).state, 'paused')
    await ended
    const again = await Sandbox.connect(s.sandboxId, { timeoutMs: 60_000 })
    assert.equal(again.sandboxId, s.sandboxId)
    assert.equal((await again.commands.run('cat /proc/sys/kernel/random/boot_id')).stdout, before.stdout)
    assert.equal((await again.commands.run('echo $KEPT')).stdout, 'too\n')
    assert.ok((await again.commands.list()).some(p => p.pid === counting.pid))
    let seen
    const attached = await again.commands.connect(counting.pid, { onStdout: t => { seen ??= t } })
    attached.wait().catch(() => undefined)
    await until(() => seen)
    assert.ok(Number(seen.trim().split('\n')[0]) > 1, seen)
    assert.equal(await attached.kill(), true)
    await s.kill()
  })

  await check('pause of files only', async () => {
    const s = await sandbox({ timeoutMs: 120_000 })
    await s.files.write('kept', 'yes')
    const boot = async () => (await s.commands.run('cat /proc/sys/kernel/random/boot_id')).stdout
    const before = await boot()
    assert.equal(await s.pause({ keepMemory: false }), true)
    await s.connect()
    assert.equal(await s.files.read('kept'), 'yes')
    assert.notEqual(await boot(), before)
    await s.kill()
  })

  await check('fork', async () => {
    const s = await sandbox({ timeoutMs: 120_000 })
    await s.files.write('who', 'origin')
    const forks = await s.fork({ count: 2 })
    assert.equal(forks.length, 2)
    forks.forEach(f => assert.ok(f instanceof Sandbox, String(f)))
    forks.forEach(keep)
    assert.equal(new Set([s, ...forks].map(f => f.sandboxId)).size, 3)
    await forks[0].files.write('who', 'fork')
    assert.equal(await forks[0].files.read('who'), 'fork')
    assert.equal(await forks[1].files.read('who'), 'origin')
    const id = await forks[1].commands.run('echo "$E2B_SANDBOX_ID"; cat /run/e2b/.E2B_SANDBOX_ID')
    assert.equal(id.stdout, `${forks[1].sandboxId}\n${forks[1].sandboxId}`)
    assert.equal(await s.files.read('who'), 'origin')
    await Promise.all([s, ...forks].map(f => f.kill()))
    await failure(Sandbox.fork(s.sandboxId))
  })

  await check('metrics', async () => {
    const s = await sandbox()
    const measured = await until(async () => { const m = await s.getMetrics(); return m.length > 0 && m })
    const one = measured[0]
    assert.ok(one.timestamp instanceof Date)
    assert.ok(one.cpuCount >= 1 && one.memTotal > 0 && one.memUsed > 0 && one.memUsed <= one.memTotal, JSON.stringify(one))
    assert.ok(one.diskTotal > 0 && one.cpuUsedPct >= 0, JSON.stringify(one))
    await s.kill()
  })

  await check('metrics of a time', async () => {
    const s = await sandbox()
    await until(async () => (await s.getMetrics()).length > 0)
    assert.deepEqual(await s.getMetrics({ start: new Date(0), end: new Date(1000) }), [])
    await s.kill()
  })

  function pause(s) {
    return (s.pause ?? s.betaPause).call(s)
  }

  async function all(paginator) {
    const items = []
    while (paginator.hasNext) {
      items.push(...await paginator.nextItems())
    }
    return items
  }
}
