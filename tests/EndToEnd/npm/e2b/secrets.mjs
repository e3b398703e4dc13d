import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { assert, failure } from './tools.mjs'

export async function secrets({ Secret, SecretError, SecretNotFoundError, InvalidArgumentError, sandbox }, check) {
  const named = () => `key-${randomBytes(6).toString('hex')}`
  const value = () => `s3cret-${randomBytes(12).toString('hex')}`
  const ruled = authorization => ({ allowOut: ['127.0.0.1'], rules: { '127.0.0.1': [{ transform: { headers: { authorization } } }] } })

  // The sandbox reaches this machine's loopback by its proxy, which programs pass by for such addresses unless told otherwise.
  const ask = (of, server) => of.commands.run(`curl -s --noproxy '' -H 'authorization: of the sandbox' -w ' %{http_code}' http://127.0.0.1:${server.port}/`)

  await check('create and look, by id and by name', async () => {
    const [name, hidden] = [named(), value()]
    const made = await Secret.create(name.toUpperCase(), hidden, { metadata: { team: 'grün' } })
    assert.match(made.secretId, /^sec_/)
    assert.deepEqual([made.name, made.version, made.metadata], [name, 1, { team: 'grün' }])
    assert.ok(Date.now() - made.createdAt < 60_000 && made.createdAt.getTime() === made.updatedAt.getTime())
    for (const by of [made.secretId, name, name.toUpperCase()]) {
      assert.deepEqual(await Secret.getInfo(by), made)
    }
    const bare = await Secret.create(named(), hidden)
    assert.deepEqual(bare.metadata, {})
    assert.ok(!JSON.stringify([made, await all()]).includes(hidden))
    const error = await failure(Secret.create(name, hidden), SecretError)
    assert.match(error.message, /409/)
    await failure(Secret.getInfo(named()), SecretNotFoundError)
    await Promise.all([name, bare.name].map(n => Secret.destroy(n)))
  })

  await check('update makes the next version', async () => {
    const made = await Secret.create(named(), value(), { metadata: { a: '1' } })
    const second = await Secret.update(made.name, value())
    assert.deepEqual([second.secretId, second.version, second.metadata], [made.secretId, 2, { a: '1' }])
    const third = await Secret.update(made.secretId, value(), { metadata: { b: '2' } })
    assert.deepEqual([third.version, third.metadata, third.createdAt], [3, { b: '2' }, made.createdAt])
    assert.deepEqual(await Secret.getInfo(made.name), third)
    await failure(Secret.update(named(), value()), SecretNotFoundError)
    await Secret.destroy(made.name)
  })

  await check('list in pages', async () => {
    const names = [named(), named(), named()].sort()
    for (const name of names) {
      await Secret.create(name, value())
    }
    const seen = []
    const pages = Secret.list({ limit: 2 })
    while (pages.hasNext) {
      const page = await pages.nextItems()
      assert.ok(page.length <= 2)
      seen.push(...page.map(s => s.name))
    }
    assert.deepEqual(seen.filter(name => names.includes(name)), names)
    await failure(pages.nextItems())
    await Promise.all(names.map(name => Secret.destroy(name)))
  })

  await check('destroy says whether there was one', async () => {
    const made = await Secret.create(named(), value())
    assert.equal(await Secret.exists(made.secretId), true)
    assert.equal(await Secret.destroy(made.secretId), true)
    assert.equal(await Secret.destroy(made.name), false)
    assert.equal(await Secret.exists(made.name), false)
  })

  await check('what is no secret is refused', async () => {
    for (const [name, hidden, options, said] of [
      ['sec_mine', 'v', {}, /400: .*sec_mine/],
      ['two words', 'v', {}, /400: .*two words/],
      ['', 'v', {}, /400: .*name/],
      [named(), '', {}, /400: .*value/],
      [named(), 'v'.repeat(65_537), {}, /400: .*65536/],
      [named(), 'v', { metadata: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 'v'])) }, /400: .*metadata/],
    ]) {
      assert.match((await failure(Secret.create(name, hidden, options), SecretError)).message, said)
    }
    assert.throws(() => Secret.fill('a}'), InvalidArgumentError)
  })

  await check('fill puts one into requests on their way out', async () => {
    const [name, hidden] = [named(), value()]
    await Secret.create(name, 'not this one')
    await Secret.update(name, hidden)
    const server = await listen()
    const s = await sandbox({ network: ruled(`Bearer ${Secret.fill(name.toUpperCase())}; v=1`) })
    assert.equal((await ask(s, server)).stdout, 'hello 200')
    assert.equal(server.seen.at(-1), `Bearer ${hidden}; v=1`)
    const inside = await s.commands.run('env; cat /proc/*/environ /proc/*/cmdline 2> /dev/null | tr "\\0" "\\n"; cat /etc/environment 2> /dev/null || true')
    assert.ok(inside.stdout.includes('E2B_SANDBOX=true') && !inside.stdout.includes(hidden))
    assert.ok(!JSON.stringify(await s.getInfo()).includes(hidden))
    await s.updateNetwork(ruled(Secret.fill(name)))
    assert.equal((await ask(s, server)).stdout, 'hello 200')
    assert.equal(server.seen.at(-1), hidden)
    await s.pause()
    await s.connect()
    assert.equal((await ask(s, server)).stdout, 'hello 200')
    assert.equal(server.seen.at(-1), hidden)
    await s.kill()
    await Secret.destroy(name)
    server.close()
  })

  await check('a request whose secret is not there stays here', async () => {
    const [name, server] = [named(), await listen()]
    const s = await sandbox({ network: ruled(Secret.fill(name)) })
    const refused = await ask(s, server)
    assert.ok(refused.stdout.includes(name) && refused.stdout.endsWith(' 502'), refused.stdout)
    assert.deepEqual(server.seen, [])
    await s.kill()
    assert.match((await failure(sandbox({ network: ruled(Secret.fill('no such name')) }))).message, /400: .*no such name/)
    server.close()
  })

  async function all() {
    const seen = []
    const pages = Secret.list()
    while (pages.hasNext) {
      seen.push(...await pages.nextItems())
    }
    return seen
  }

  async function listen() {
    const seen = []
    const server = createServer((q, r) => { seen.push(q.headers.authorization); r.end('hello') })
    await new Promise(done => server.listen(0, '127.0.0.1', done))
    return { seen, port: server.address().port, close: () => server.close() }
  }
}
