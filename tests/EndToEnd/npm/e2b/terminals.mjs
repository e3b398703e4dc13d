import { assert, collector, failure } from './tools.mjs'

export async function terminals({ sandbox }, check) {
  const s = await sandbox({ timeoutMs: 300_000 })
  const type = text => new TextEncoder().encode(text)

  await check('a shell', async () => {
    const screen = collector()
    const pty = await s.pty.create({ cols: 80, rows: 24, onData: d => screen.add(d), envs: { MINE: 'seen' }, cwd: '/tmp' })
    await s.pty.sendInput(pty.pid, type('stty size; tty; echo "$MINE $TERM $((6*7))"; pwd; exit 3\n'))
    const error = await failure(pty.wait())
    assert.equal(error.exitCode, 3)
    assert.match(screen.text, /24 80\r\n/)
    assert.match(screen.text, /\/dev\/pts\/\d+\r\n/)
    assert.match(screen.text, /seen xterm-256color 42\r\n/)
    assert.match(screen.text, /\/tmp\r\n/)
  })

  await check('resize', async () => {
    const screen = collector()
    const pty = await s.pty.create({ cols: 80, rows: 24, onData: d => screen.add(d) })
    await s.pty.sendInput(pty.pid, type('trap "stty size" WINCH; echo re""ady\n'))
    await screen.has('ready\r\n')
    await s.pty.resize(pty.pid, { cols: 132, rows: 50 })
    await s.pty.sendInput(pty.pid, type('stty size\n'))
    await screen.has('50 132\r\n')
    await s.pty.kill(pty.pid)
    await failure(pty.wait())
  })

  await check('interrupt', async () => {
    const screen = collector()
    const pty = await s.pty.create({ cols: 80, rows: 24, onData: d => screen.add(d) })
    await s.pty.sendInput(pty.pid, type(`sh -c 'echo be""gins; exec sleep 300'\n`))
    await screen.has('begins\r\n')
    await s.pty.sendInput(pty.pid, type('\x03'))
    await s.pty.sendInput(pty.pid, type('echo af""ter\n'))
    await screen.has('after\r\n')
    assert.equal(await s.pty.kill(pty.pid), true)
    await failure(pty.wait())
    assert.equal(await s.pty.kill(999_999), false)
  })

  await check('connect', async () => {
    const pty = await s.pty.create({ cols: 80, rows: 24, onData: () => undefined })
    await pty.disconnect()
    const screen = collector()
    const again = await s.pty.connect(pty.pid, { onData: d => screen.add(d) })
    await s.pty.sendInput(pty.pid, type('echo ba""ck; exit\n'))
    await screen.has('back\r\n')
    assert.equal((await again.wait()).exitCode, 0)
  })
}
