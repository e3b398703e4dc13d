import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, failure } from './tools.mjs'

export async function templates({ Sandbox, Template, BuildError, sandbox, version }, check) {
  const name = `t-${version.replaceAll('.', '-')}-${Math.random().toString(36).slice(2)}`
  const context = mkdtempSync(join(tmpdir(), 'judge-'))
  mkdirSync(join(context, 'app/deep'), { recursive: true })
  writeFileSync(join(context, 'app/run.sh'), '#!/bin/sh\necho ran\n', { mode: 0o755 })
  writeFileSync(join(context, 'app/deep/a b.txt'), 'deep')
  writeFileSync(join(context, 'one.txt'), 'one')
  const logs = []
  const quick = { cpuCount: 1, memoryMB: 512, onBuildLogs: l => logs.push(l.message) }

  await check('build from a base, with files, and use', async () => {
    const template = Template({ fileContextPath: context })
      .fromBaseImage()
      .setEnvs({ BUILT: 'with this' })
      .runCmd('echo "$BUILT" > built; whoami >> built')
      .runCmd('python --version && npm --version')
      .runCmd('touch /of-root', { user: 'root' })
      .copy('app', 'project')
      .copy('one.txt', '/opt/renamed.txt', { user: 'root', mode: 0o600 })
      .setWorkdir('/home/user/project')
      .runCmd('./run.sh > out')
      .setStartCmd('python3 -m http.server 8123', 'python3 -c "import socket; socket.create_connection((\'127.0.0.1\', 8123))"')
    const built = await Template.build(template, name, quick)
    assert.equal(built.name, name)
    assert.ok(logs.some(l => l.includes('RUN')), logs.join('\n'))
    const s = await sandbox(name)
    assert.equal(await s.files.read('/home/user/built'), 'with this\nuser\n')
    assert.equal(await s.files.read('/home/user/project/out'), 'ran\n')
    assert.equal(await s.files.read('/home/user/project/deep/a b.txt'), 'deep')
    assert.equal((await s.commands.run('stat -c "%U %a" /opt/renamed.txt /of-root /home/user/project/run.sh', { user: 'root' })).stdout, 'root 600\nroot 644\nuser 755\n')
    assert.equal((await s.commands.run('pwd')).stdout, '/home/user/project\n')
    assert.match((await s.commands.run('python3 -c "import urllib.request as u; print(u.urlopen(\'http://127.0.0.1:8123\').status)"')).stdout, /200/)
    await s.kill()
  })

  await check('exists, and create by name and tag', async () => {
    assert.equal(await Template.exists(name), true)
    assert.equal(await Template.exists('there-is-none-of-that-name'), false)
    const s = await sandbox(`${name}:default`)
    assert.equal(await s.files.exists('/home/user/built'), true)
    await s.kill()
  })

  await check('build from a template, as another user', async () => {
    await Template.build(Template().fromTemplate(name).setUser('root').setWorkdir('/srv').runCmd('cp /home/user/built .'), `${name}-2`, quick)
    const s = await sandbox(`${name}-2`)
    assert.equal((await s.commands.run('whoami; pwd; cat built')).stdout, 'root\n/srv\nwith this\nuser\n')
    await s.kill()
  })

  await check('a step that fails says which and why', async () => {
    const error = await failure(Template.build(Template().fromBaseImage().runCmd('echo before').runCmd('echo sorry >&2; exit 9'), `${name}-3`, quick), BuildError)
    assert.match(error.message, /exit 9.*exit status 9/)
    assert.ok(logs.includes('sorry'))
    assert.equal(await Template.exists(`${name}-3`), false)
  })

  await check('a start command that fails ends the build', async () => {
    const error = await failure(Template.build(Template().fromBaseImage().setStartCmd('exit 3', 'sleep 60'), `${name}-4`, quick), BuildError)
    assert.match(error.message, /start command.*exit status 3/)
  })

  await check('tags', async () => {
    await Template.build(Template().fromBaseImage().runCmd('echo 2 > version'), `${name}:next`, quick)
    const next = await sandbox(`${name}:next`)
    assert.equal(await next.files.read('version'), '2\n')
    await next.kill()
    await Template.assignTags(`${name}:next`, ['stable', 'default'])
    const stable = await sandbox(name)
    assert.equal(await stable.files.read('version'), '2\n')
    await stable.kill()
    assert.deepEqual(new Set((await Template.getTags(name)).map(t => t.tag)), new Set(['next', 'stable', 'default']))
    await Template.removeTags(name, ['stable'])
    for (const path of ['templates', 'v2/templates?limit=100']) {
      const listed = await (await fetch(`${process.env.E2B_API_URL}/${path}`, { headers: { 'X-API-KEY': process.env.E2B_API_KEY } })).json()
      assert.deepEqual(listed.filter(t => t.templateID === name).map(t => [t.buildStatus, t.names[0], t.buildCount]), [['ready', name, 2]])
    }
    await failure(Sandbox.create(`${name}:stable`))
  })

  await check('remove', async () => {
    for (const one of [name, `${name}-2`]) {
      const answer = await fetch(`${process.env.E2B_API_URL}/templates/${one}`, { method: 'DELETE', headers: { 'X-API-KEY': process.env.E2B_API_KEY } })
      assert.equal(answer.status, 204)
      assert.equal(await Template.exists(one), false)
    }
    rmSync(context, { recursive: true })
  })
}
