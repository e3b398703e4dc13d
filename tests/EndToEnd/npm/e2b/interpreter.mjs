import { createRequire } from 'node:module'
import { assert, collector, failure, until } from './tools.mjs'

// The package is built for the newest e2b alone.
const require = createRequire(import.meta.url)
const { Sandbox, TimeoutError } = require('@e2b/code-interpreter')
const newest = require('e2b/package.json').version

export async function interpreter({ keep, version }, check) {
  const s = version === newest && await Sandbox.create({ timeoutMs: 300_000, envs: { FOO: 'of the sandbox' } })
  if (s) {
    keep(s)
  }

  await check('a result and its state', async () => {
    assert.equal((await s.runCode('x = 41')).text, undefined)
    const ran = await s.runCode('x + 1')
    assert.deepEqual([ran.text, ran.results.length, ran.results[0].isMainResult, ran.error], ['42', 1, true, undefined])
    assert.ok(ran.executionCount >= 2)
    assert.equal((await s.runCode("'quoted'")).text, 'quoted')
  })

  await check('a print is one event, and comes before the result', async () => {
    const seen = []
    const ran = await s.runCode('import sys\nprint("a")\nprint("b", "c")\nprint("bad", file=sys.stderr)\n1', {
      onStdout: o => seen.push(['out', o.line]), onStderr: o => seen.push(['err', o.line]), onResult: r => seen.push(['result', r.text]),
    })
    assert.deepEqual(seen.filter(e => e[0] !== 'err'), [['out', 'a\n'], ['out', 'b c\n'], ['result', '1']])
    assert.deepEqual(ran.logs, { stdout: ['a\n', 'b c\n'], stderr: ['bad\n'] })
  })

  await check('output is streamed while it runs', async () => {
    const out = collector()
    const running = s.runCode('import time, os\nprint("first", flush=True)\nwhile not os.path.exists("/tmp/go"): time.sleep(0.02)\nprint("last")', { onStdout: o => out.add(o.line) })
    await out.has('first\n')
    await s.files.write('/tmp/go', '')
    assert.deepEqual((await running).logs.stdout, ['first\n', 'last\n'])
  })

  await check('errors', async () => {
    const ran = await s.runCode('def f():\n  return 1 / 0\nf()')
    assert.equal(ran.error.name, 'ZeroDivisionError')
    assert.equal(ran.error.value, 'division by zero')
    assert.match(ran.error.traceback, /f\(\)/)
    assert.equal((await s.runCode('this is no code')).error.name, 'SyntaxError')
    assert.equal((await s.runCode('x')).text, '41')
  })

  await check('contexts do not see each other', async () => {
    const first = (await s.listCodeContexts()).map(c => c.language)
    assert.ok(first.includes('python') && first.includes('javascript'))
    const [a, b] = await Promise.all([s.createCodeContext(), s.createCodeContext({ cwd: '/tmp' })])
    await s.runCode('y = "of a"', { context: a })
    assert.equal((await s.runCode('y', { context: a })).text, 'of a')
    assert.equal((await s.runCode('y', { context: b })).error.name, 'NameError')
    assert.equal((await s.runCode('import os; os.getcwd()', { context: b })).text, '/tmp')
    const hidden = await s.createCodeContext({ cwd: '/root' })
    assert.equal((await s.runCode('import os; os.getcwd()', { context: hidden })).text, '/root')
    const ids = (await s.listCodeContexts()).map(c => c.id)
    assert.ok(ids.includes(a.id) && ids.includes(b.id))
    await s.restartCodeContext(a)
    assert.equal((await s.runCode('y', { context: a })).error.name, 'NameError')
    await s.removeCodeContext(a.id)
    await failure(s.runCode('1', { context: a }))
    assert.ok(!(await s.listCodeContexts()).some(c => c.id === a.id))
  })

  await check('environment of the sandbox and of one execution', async () => {
    const read = 'import os; os.environ.get("FOO"), os.environ.get("ONCE")'
    assert.equal((await s.runCode(read, { envs: { FOO: 'of the run', ONCE: '1' } })).text, "('of the run', '1')")
    assert.equal((await s.runCode(read)).text, "('of the sandbox', None)")
  })

  await check('JavaScript', async () => {
    await s.runCode('const a = 20', { language: 'js' })
    assert.equal((await s.runCode('console.log("said"); await Promise.resolve(a + 22)', { language: 'javascript' })).text, '42')
    assert.equal((await s.runCode('throw new TypeError("no")', { language: 'js' })).error.name, 'TypeError')
  })

  await check('TypeScript', async () => {
    const ran = await s.runCode('interface P { n: number }\nconst p: P = { n: 42 }\nconsole.log(p.n)\np.n', { language: 'ts' })
    assert.deepEqual([ran.text, ran.logs.stdout], ['42', ['42\n']])
    const legacy = 'function twice(target: any, key: string, descriptor: PropertyDescriptor) {\n  const once = descriptor.value\n  descriptor.value = (n: number) => 2 * once(n)\n}'
    assert.equal((await s.runCode(`${legacy}\nclass Sum { @twice of(n: number) { return n + 1 } }\nnew Sum().of(2)`, { language: 'ts' })).text, '6')
    const standard = 'function more(once: any, context: ClassMethodDecoratorContext) { return (n: number) => once(n) + 1 }'
    const failed = await s.runCode(`${standard}\nclass Next { @more of(n: number) { return n } }\n\nthrow new Error(String(new Next().of(1)))`, { language: 'ts' })
    assert.equal(failed.error.value, '2')
    assert.match(failed.error.traceback, /cell-\d+:4/)
  })

  await check('bash', async () => {
    await s.runCode('cd /tmp; kept=here', { language: 'bash' })
    assert.deepEqual((await s.runCode('echo $PWD $kept', { language: 'bash' })).logs.stdout, ['/tmp here\n'])
  })

  await check('a language that is not there is refused', async () => {
    await failure(s.runCode('1', { language: 'cobol' }))
    await failure(s.runCode('1', { language: 'java' }))
  })

  await check('shell lines and top-level await', async () => {
    assert.deepEqual((await s.runCode('!echo from the shell')).logs.stdout, ['from the shell\n'])
    assert.equal((await s.runCode('import asyncio\nawait asyncio.sleep(0, "awaited")')).text, 'awaited')
  })

  await check('pictures, tables and charts', async () => {
    const plot = await s.runCode('import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [4, 5, 6], label="line")\nplt.title("T")\nplt.xlabel("X")\nplt.show()')
    assert.equal(plot.error, undefined)
    const [picture] = plot.results
    assert.equal(Buffer.from(picture.png, 'base64').subarray(1, 4).toString(), 'PNG')
    assert.deepEqual([picture.chart.type, picture.chart.title, picture.chart.x_label], ['line', 'T', 'X'])
    assert.deepEqual(picture.chart.elements[0].points, [[1, 4], [2, 5], [3, 6]])
    const late = await s.runCode('import datetime\nplt.figure()\nplt.plot([datetime.date(2024, 1, 1)], [1, 2])\nplt.show()')
    assert.deepEqual([late.error.name, late.results[0].chart.type, late.results[0].chart.x_scale], ['ValueError', 'line', 'datetime'])
    const bars = await s.runCode('plt.bar(["a", "b"], [1, 2])\nplt.show()')
    assert.deepEqual([bars.results[0].chart.type, bars.results[0].chart.elements.map(e => e.label)], ['bar', ['a', 'b']])
    const table = await s.runCode('import pandas as pd\npd.DataFrame({"a": [1, 2]})')
    assert.match(table.results[0].html, /<table/)
    assert.match(table.results[0].text, /a\n0\s+1/)
  })

  await check('time that is over ends the call and interrupts what runs', async () => {
    const context = await s.createCodeContext()
    await failure(s.runCode('import time\nz = 1\nwhile True: time.sleep(0.05)', { context, timeoutMs: 1_000 }), TimeoutError)
    assert.equal((await s.runCode('z', { context })).text, '1')
  })

  await check('a client that leaves interrupts what runs', async () => {
    const context = await s.createCodeContext()
    await s.files.write('/tmp/ended', 'no')
    const leaving = new AbortController()
    const url = `${process.env.E2B_SANDBOX_URL}/execute`
    const headers = { 'content-type': 'application/json', 'E2b-Sandbox-Id': s.sandboxId, 'E2b-Sandbox-Port': '49999' }
    const code = 'import time\ntry:\n  print("runs", flush=True)\n  time.sleep(300)\nfinally:\n  open("/tmp/ended", "w").write("yes")'
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ code, context_id: context.id }), signal: leaving.signal })
    await answer.body.getReader().read()
    leaving.abort()
    await until(async () => (await s.files.read('/tmp/ended')) === 'yes')
    assert.equal((await s.runCode('"lives"', { context })).text, 'lives')
  })

  await check('code that is no text is refused', async () => {
    await failure(s.runCode(42))
  })

  await check('variables survive a pause', async () => {
    await s.runCode('survivor = 7')
    await s.pause()
    await s.connect()
    assert.equal((await s.runCode('survivor * 6')).text, '42')
  })

  await check('text of all the world comes whole', async () => {
    // The SDK decodes each piece from the network alone.
    const ran = await s.runCode('for _ in range(200): print("a\u00e9\u4f60\u{1F642}" * 500)\n"\u00e9\u4f60"')
    assert.equal(ran.logs.stdout.join(''), ('a\u00e9\u4f60\u{1F642}'.repeat(500) + '\n').repeat(200))
    assert.equal(ran.text, '\u00e9\u4f60')
  })

  await check('a kernel that ends is an error of the code, and its context goes on', async () => {
    const context = await s.createCodeContext({ cwd: '/home/user/made/for/it' })
    const ran = await s.runCode('import os; print("runs", flush=True); os._exit(3)', { context })
    assert.equal(ran.error.name, 'ContextRestarting')
    assert.equal(ran.logs.stdout.join(''), 'runs\n')
    assert.equal((await s.runCode('import os; os.getcwd()', { context })).text, '/home/user/made/for/it')
  })

  await check('a killed sandbox ends what runs', async () => {
    const dying = await Sandbox.create()
    const out = collector()
    const ended = failure(dying.runCode('import time\nprint("runs", flush=True)\ntime.sleep(300)', { onStdout: o => out.add(o.line) }))
    await out.has('runs')
    await dying.kill()
    await ended
    await failure(dying.runCode('1'), TimeoutError)
  })
}
