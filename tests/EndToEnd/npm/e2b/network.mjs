import { assert, collector, failure } from './tools.mjs'

const echo = `
const http = require('http'), crypto = require('crypto')
http.createServer((q, r) => {
  if (q.url === '/slow') { r.write('first\\n'); setTimeout(() => r.end('second\\n'), 200); return }
  let n = 0
  q.on('data', d => n += d.length).on('end', () => r.setHeader('x-host', q.headers.host).end(JSON.stringify({ method: q.method, url: q.url, n, host: q.headers.host })))
}).on('upgrade', (q, socket) => {
  const key = crypto.createHash('sha1').update(q.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64')
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + key + '\\r\\n\\r\\n')
  socket.on('data', f => {
    if ((f[0] & 15) === 8) return socket.end(Buffer.from([0x88, 0]))
    const length = f[1] & 127, mask = f.subarray(2, 6), text = f.subarray(6, 6 + length).map((b, i) => b ^ mask[i % 4])
    const answer = Buffer.concat([Buffer.from('echo '), text])
    socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), answer]))
  }).on('error', () => {})
}).listen(8080, () => console.log('listening'))
`

export async function network({ Sandbox, sandbox }, check) {
  const s = await sandbox({ timeoutMs: 300_000 })
  await serve(s)
  const at = (of, port, path = '/') => `https://${of.getHost(port)}${path}`

  await check('getHost over TLS', async () => {
    const answer = await fetch(at(s, 8080, '/some/path?and=query'), { method: 'POST', body: 'x'.repeat(100_000) })
    assert.equal(answer.status, 200)
    const seen = await answer.json()
    assert.deepEqual([seen.method, seen.url, seen.n], ['POST', '/some/path?and=query', 100_000])
    assert.equal(seen.host, s.getHost(8080))
    const slow = (await fetch(at(s, 8080, '/slow'))).body.getReader()
    assert.equal(new TextDecoder().decode((await slow.read()).value), 'first\n')
    assert.equal(new TextDecoder().decode((await slow.read()).value), 'second\n')
  })

  await check('a WebSocket through getHost', async () => {
    const heard = collector()
    const socket = new WebSocket(`wss://${s.getHost(8080)}/socket`)
    await new Promise((opened, failed) => { socket.onopen = opened; socket.onerror = e => failed(new Error(e.message ?? 'no connection')) })
    socket.onmessage = m => heard.add(m.data)
    socket.send('one')
    await heard.has('echo one')
    socket.send('two')
    await heard.has('echo two')
    const closed = new Promise(done => { socket.onclose = done })
    socket.close()
    await closed
  })

  await check('a port that is closed, and a sandbox that is gone', async () => {
    const closed = await fetch(at(s, 9))
    assert.equal(closed.status, 502)
    assert.equal((await closed.json()).port, 9)
    const seen = await fetch(at(s, 9), { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' } })
    assert.match(await seen.text(), /<title>Closed Port Error<\/title>[^]*port 9\b/)
    const dying = await sandbox()
    await dying.kill()
    const gone = await fetch(at(dying, 8080))
    assert.deepEqual([gone.status, await gone.json()], [502, { sandboxId: dying.sandboxId, message: 'The sandbox was not found', code: 502 }])
  })

  await check('ports that are not public need the token', async () => {
    const closed = await sandbox({ network: { allowPublicTraffic: false } })
    assert.ok(closed.trafficAccessToken)
    await serve(closed)
    const refused = await fetch(at(closed, 8080))
    assert.equal(refused.status, 403)
    assert.equal((await refused.json()).code, 403)
    const wrong = await fetch(at(closed, 8080), { headers: { 'e2b-traffic-access-token': 'wrong' } })
    assert.equal(wrong.status, 403)
    const let_in = await fetch(at(closed, 8080), { headers: { 'e2b-traffic-access-token': closed.trafficAccessToken } })
    assert.equal(let_in.status, 200)
    const again = await Sandbox.connect(closed.sandboxId)
    assert.equal(again.trafficAccessToken, closed.trafficAccessToken)
    await closed.kill()
  })

  await check('a port whose server speaks TLS itself', async () => {
    const own = await sandbox({ network: { httpsPorts: [8443] } })
    await own.commands.run('openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=inside -keyout /tmp/key.pem -out /tmp/cert.pem')
    await own.files.write('/tmp/tls.js', 'const fs = require("fs"); require("https").createServer({ key: fs.readFileSync("/tmp/key.pem"), cert: fs.readFileSync("/tmp/cert.pem") }, (q, r) => r.end(`${q.socket.getProtocol()} ${q.url}`)).listen(8443, () => console.log("listening"))')
    const out = collector()
    await own.commands.run('node /tmp/tls.js', { background: true, onStdout: t => out.add(t) })
    await out.has('listening')
    assert.match(await (await fetch(at(own, 8443, '/here'))).text(), /^TLSv1\.\d \/here$/)
    assert.deepEqual((await own.getInfo()).network?.httpsPorts, [8443])
    await own.kill()
  })

  await check('the host name that servers see can be another', async () => {
    const masked = await sandbox({ network: { maskRequestHost: 'localhost:${PORT}' } })
    await serve(masked)
    assert.equal((await (await fetch(at(masked, 8080))).json()).host, 'localhost:8080')
    await masked.kill()
  })

  await check('nothing goes out unless it is allowed', async () => {
    const ran = await s.commands.run('timeout 5 bash -c "exec 3<>/dev/tcp/1.1.1.1/80" 2>&1; echo "code $?"')
    assert.doesNotMatch(ran.stdout, /code 0\n/)
  })

  await check('rules change while it runs', async () => {
    const ruled = await sandbox({ allowInternetAccess: false })
    await ruled.updateNetwork({ allowOut: ['example.com'], denyOut: ['0.0.0.0/0'], rules: { 'example.com': [{ transform: { headers: { authorization: 'hidden' } } }] } })
    const info = await ruled.getInfo()
    assert.deepEqual(info.network.allowOut, ['example.com'])
    assert.ok(!JSON.stringify(info).includes('hidden'))
    await ruled.updateNetwork({ allowOut: [] })
    assert.deepEqual((await ruled.getInfo()).network.allowOut, [])
    await ruled.kill()
    await failure(ruled.updateNetwork({ allowOut: [] }))
  })

  async function serve(of) {
    await of.files.write('server.cjs', echo)
    const out = collector()
    const going = await of.commands.run('node server.cjs', { background: true, timeoutMs: 0, onStdout: t => out.add(t) })
    going.wait().catch(() => undefined)
    await out.has('listening')
  }
}
