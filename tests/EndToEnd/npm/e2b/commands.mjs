import { assert, collector, failure, until } from './tools.mjs'

export async function commands({ CommandExitError, TimeoutError, InvalidArgumentError, sandbox }, check) {
  const s = await sandbox({ timeoutMs: 300_000, envs: { FOO: 'from create', BAR: 'too' } })

  await check('output and exit code', async () => {
    const ran = await s.commands.run('echo out; echo err >&2')
    assert.deepEqual([ran.stdout, ran.stderr, ran.exitCode], ['out\n', 'err\n', 0])
  })

  await check('another exit code is an error with its output', async () => {
    const error = await failure(s.commands.run('echo out; echo err >&2; exit 7'), CommandExitError)
    assert.deepEqual([error.exitCode, error.stdout, error.stderr], [7, 'out\n', 'err\n'])
    assert.equal(error.message, 'exit status 7')
  })

  await check('output is streamed as it comes', async () => {
    const [out, err] = [collector(), collector()]
    const going = await s.commands.run('echo one; read line; echo $line; echo bad >&2', { background: true, stdin: true, onStdout: t => out.add(t), onStderr: t => err.add(t) })
    await out.has('one\n')
    await s.commands.sendStdin(going.pid, 'two\n')
    assert.equal((await going.wait()).stdout, 'one\ntwo\n')
    assert.deepEqual([out.text, err.text], ['one\ntwo\n', 'bad\n'])
  })

  await check('much output arrives whole', async () => {
    assert.equal((await s.commands.run('python3 -c "print(\'abc\' * 1000000)"')).stdout, 'abc'.repeat(1_000_000) + '\n')
  })

  await check('unicode', async () => {
    assert.equal((await s.commands.run('echo "žluťoučký 🐎"; echo "${#WHAT}"', { envs: { WHAT: '🐎' } })).stdout, 'žluťoučký 🐎\n1\n')
  })

  await check('unicode that is cut between two pieces', async () => {
    const ran = await s.commands.run('python3 -c "print(\'žluťoučký 🐎\' * 100000)"')
    assert.equal(ran.stdout, 'žluťoučký 🐎'.repeat(100000) + '\n')
  })

  await check('environment of the sandbox and of the call', async () => {
    const ran = await s.commands.run('echo "$FOO/$BAR/$E2B_SANDBOX"', { envs: { FOO: 'from run' } })
    assert.equal(ran.stdout, 'from run/too/true\n')
    assert.equal((await s.commands.run('echo "$FOO"')).stdout, 'from create\n')
    const id = await s.commands.run('echo "$E2B_SANDBOX_ID/$E2B_TEMPLATE_ID"; cat /run/e2b/.E2B_SANDBOX_ID')
    assert.equal(id.stdout, `${s.sandboxId}/base\n${s.sandboxId}`)
  })

  await check('working folder', async () => {
    assert.equal((await s.commands.run('pwd')).stdout, '/home/user\n')
    assert.equal((await s.commands.run('pwd', { cwd: '/tmp' })).stdout, '/tmp\n')
    assert.equal((await s.commands.run('pwd', { cwd: '/root' })).stdout, '/root\n')
    await failure(s.commands.run('pwd', { cwd: '/nowhere' }), InvalidArgumentError)
  })

  await check('users', async () => {
    assert.equal((await s.commands.run('whoami; id -u; echo $HOME')).stdout, 'user\n1000\n/home/user\n')
    assert.equal((await s.commands.run('whoami; id -u; pwd', { user: 'root' })).stdout, 'root\n0\n/root\n')
    await failure(s.commands.run('true', { user: 'nobody-of-that-name' }))
  })

  await check('in the background', async () => {
    const going = await s.commands.run('sleep 0.2; echo done', { background: true })
    assert.ok(going.pid > 0)
    assert.equal((await going.wait()).stdout, 'done\n')
  })

  await check('list', async () => {
    const going = await s.commands.run('sleep 300', { background: true, envs: { SHOWN: 'yes' }, cwd: '/tmp' })
    const found = (await s.commands.list()).find(p => p.pid === going.pid)
    assert.equal(found.cmd, '/bin/bash')
    assert.deepEqual(found.args, ['-l', '-c', 'sleep 300'])
    assert.equal(found.cwd, '/tmp')
    assert.equal(found.envs.SHOWN, 'yes')
    await going.kill()
    await failure(going.wait())
    await until(async () => !(await s.commands.list()).some(p => p.pid === going.pid))
  })

  await check('stdin by pid', async () => {
    const out = collector()
    const going = await s.commands.run('cat', { background: true, stdin: true, onStdout: t => out.add(t) })
    await s.commands.sendStdin(going.pid, 'first ')
    await s.commands.sendStdin(going.pid, 'second\n')
    await out.has('first second\n')
    await s.commands.closeStdin(going.pid)
    assert.equal((await going.wait()).exitCode, 0)
  })

  await check('stdin through its handle', async () => {
    const going = await s.commands.run('wc -c', { background: true, stdin: true })
    await going.sendStdin(new Uint8Array([1, 2, 3, 255]))
    await going.closeStdin()
    assert.equal((await going.wait()).stdout.trim(), '4')
  })

  await check('a closed stdin ends what reads', async () => {
    assert.equal((await s.commands.run('cat; echo end')).stdout, 'end\n')
  })

  await check('kill', async () => {
    const going = await s.commands.run('sleep 300', { background: true })
    assert.equal(await s.commands.kill(going.pid), true)
    const error = await failure(going.wait(), CommandExitError)
    assert.equal(error.exitCode, -1)
    assert.match(error.message, /signal: killed/)
    assert.equal(await until(async () => (await s.commands.kill(going.pid)) === false), true)
    assert.equal(await s.commands.kill(999_999), false)
  })

  await check('connect by pid', async () => {
    const going = await s.commands.run('while read line; do echo "got $line"; done; exit 3', { background: true, stdin: true })
    await going.disconnect()
    const out = collector()
    const [one, two] = await Promise.all([s.commands.connect(going.pid, { onStdout: t => out.add(t) }), s.commands.connect(going.pid)])
    const ends = [one, two].map(h => failure(h.wait(), CommandExitError))
    await s.commands.sendStdin(going.pid, 'it\n')
    await out.has('got it\n')
    await s.commands.closeStdin(going.pid)
    for (const end of await Promise.all(ends)) {
      assert.deepEqual([end.exitCode, end.stdout], [3, 'got it\n'])
    }
  })

  await check('connect to one that has just ended', async () => {
    const going = await s.commands.run('exit 5', { background: true })
    await failure(going.wait())
    const again = await s.commands.connect(going.pid)
    assert.equal((await failure(again.wait(), CommandExitError)).exitCode, 5)
    await failure(s.commands.connect(999_999))
  })

  await check('a client that leaves does not end it', async () => {
    const going = await s.commands.run('sleep 0.3; touch /tmp/left', { background: true })
    await going.disconnect()
    await until(() => s.files.exists('/tmp/left'))
  })

  await check('time that is over kills it', async () => {
    const going = await s.commands.run('sh -c "sleep 987"', { background: true, timeoutMs: 500 })
    await failure(going.wait(), TimeoutError)
    await until(async () => (await s.commands.run('pgrep -f "sleep 98[7]" || true')).stdout === '')
    assert.equal(await s.isRunning(), true)
    assert.match(await withoutClock({ process: { cmd: 'sleep', args: ['986'] } }, '500'), /"code":"deadline_exceeded"/)
  })

  await check('many at once', async () => {
    const ran = await Promise.all(Array.from({ length: 20 }, (_, i) => s.commands.run(`echo ${i}`)))
    assert.deepEqual(ran.map(r => r.stdout.trim()), Array.from({ length: 20 }, (_, i) => String(i)))
  })

  await check('children that keep the output are waited for', async () => {
    assert.equal((await s.commands.run('(sleep 0.3; echo late) & echo soon')).stdout, 'soon\nlate\n')
  })

  for (const [what, kind] of [['a kill in mid-stream is an error within a second, and touches no other', Error], ['a kill in mid-stream is a TimeoutError', TimeoutError]]) {
    await check(what, () => killed(kind))
  }

  /** All that the service answers to a command whose client leaves the time to it. */
  async function withoutClock(command, milliseconds) {
    const body = Buffer.from(JSON.stringify(command))
    const head = Buffer.alloc(5)
    head.writeUInt32BE(body.length, 1)
    const headers = {
      'content-type': 'application/connect+json', 'connect-protocol-version': '1', 'connect-timeout-ms': milliseconds,
      'E2b-Sandbox-Id': s.sandboxId, 'E2b-Sandbox-Port': '49983', 'X-Access-Token': s.envdAccessToken ?? '', authorization: `Basic ${btoa('user:')}`,
    }
    const answer = await fetch(`${process.env.E2B_SANDBOX_URL}/process.Process/Start`, { method: 'POST', headers, body: Buffer.concat([head, body]) })
    return await answer.text()
  }

  async function killed(kind) {
    const [dying, staying] = await Promise.all([sandbox(), sandbox()])
    const out = collector()
    const other = await staying.commands.run('read line; echo "other $line"', { background: true, stdin: true, onStdout: t => out.add(t) })
    const going = await dying.commands.run('while true; do echo x; sleep 0.05; done', { background: true })
    const ended = failure(going.wait(), kind)
    const start = performance.now()
    await dying.kill()
    await ended
    const took = performance.now() - start
    assert.ok(took < 1000, `it took ${took} ms`)
    await staying.commands.sendStdin(other.pid, 'lives\n')
    assert.equal((await other.wait()).stdout, 'other lives\n')
    await failure(dying.commands.run('true'))
    await staying.kill()
  }
}
