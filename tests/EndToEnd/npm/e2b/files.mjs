import { assert, bytes, failure, until } from './tools.mjs'

export async function files({ FileType, FilesystemEventType, NotFoundError, FileNotFoundError, InvalidArgumentError, sandbox }, check) {
  const Missing = FileNotFoundError ?? NotFoundError
  const s = await sandbox({ timeoutMs: 300_000 })
  const f = s.files

  await check('write and read a text', async () => {
    const info = await f.write('a.txt', 'hello')
    assert.deepEqual([info.name, info.path, info.type], ['a.txt', '/home/user/a.txt', 'file'])
    assert.equal(await f.read('a.txt'), 'hello')
    await f.write('/home/user/a.txt', 'less')
    assert.equal(await f.read('~/a.txt'), 'less')
  })

  await check('an empty file', async () => {
    await f.write('empty', '')
    assert.equal(await f.read('empty'), '')
    assert.equal((await f.read('empty', { format: 'bytes' })).length, 0)
    assert.equal((await f.getInfo('empty')).size, 0)
  })

  await check('bytes, blobs and streams', async () => {
    const data = bytes(300_000)
    await f.write('b', data.buffer)
    assert.deepEqual(new Uint8Array(await f.read('b', { format: 'bytes' })), data)
    await f.write('c', new Blob([data]))
    assert.deepEqual(new Uint8Array(await (await f.read('c', { format: 'blob' })).arrayBuffer()), data)
    await f.write('d', new Blob([data]).stream())
    let length = 0
    for await (const piece of await f.read('d', { format: 'stream' })) {
      length += piece.length
    }
    assert.equal(length, data.length)
    assert.equal((await s.commands.run('cmp b c && cmp c d && echo same')).stdout, 'same\n')
  })

  await check('a file of 20 MB', async () => {
    const data = bytes(20 * 1024 * 1024)
    await f.write('large', data.buffer)
    const back = new Uint8Array(await f.read('large', { format: 'bytes' }))
    assert.equal(Buffer.compare(back, data), 0)
    await f.write('large', new Blob([data]), { useOctetStream: true })
    assert.equal((await f.getInfo('large')).size, data.length)
    await f.remove('large')
  })

  await check('many files at once, with folders in their names', async () => {
    const written = await f.write([{ path: 'many/one/1.txt', data: 'one' }, { path: '/home/user/many/2.bin', data: bytes(1000).buffer }, { path: 'many/ž 🐎 "q".txt', data: 'uni' }])
    assert.deepEqual(written.map(w => w.path), ['/home/user/many/one/1.txt', '/home/user/many/2.bin', '/home/user/many/ž 🐎 "q".txt'])
    assert.equal(await f.read('many/one/1.txt'), 'one')
    assert.equal(await f.read('many/ž 🐎 "q".txt'), 'uni')
    assert.deepEqual(await f.write([]), [])
  })

  await check('owners and modes', async () => {
    await f.write('/tmp/new/of-root', 'x', { user: 'root' })
    await f.write('/tmp/new2/of-user', 'x')
    assert.equal((await s.commands.run('stat -c "%U %a" /tmp/new/of-root /tmp/new2/of-user /tmp/new2')).stdout, 'root 644\nuser 644\nuser 755\n')
    await f.write('/root/x', 'y', { user: 'root' })
    assert.equal(await f.read('x', { user: 'root' }), 'y')
  })

  await check('what is not there, and what is a folder', async () => {
    await failure(f.read('nowhere'), Missing)
    await failure(f.getInfo('nowhere'), Missing)
    await failure(f.list('nowhere'), Missing)
    await failure(f.rename('nowhere', 'x'), Missing)
    await f.makeDir('folder')
    await failure(f.read('folder'), InvalidArgumentError)
    await failure(f.write('folder', 'x'), InvalidArgumentError)
    await f.write('no-folder', 'x')
    await failure(f.list('no-folder'), InvalidArgumentError)
    await f.remove('nowhere')
  })

  await check('list to a depth', async () => {
    await f.write([{ path: 'tree/b.txt', data: '1' }, { path: 'tree/a/x.txt', data: '2' }, { path: 'tree/a/deep/y.txt', data: '3' }])
    assert.deepEqual((await f.list('tree')).map(e => [e.name, e.type]), [['a', FileType.DIR], ['b.txt', FileType.FILE]])
    assert.deepEqual((await f.list('tree', { depth: 2 })).map(e => e.path.slice('/home/user/tree/'.length)), ['a', 'a/deep', 'a/x.txt', 'b.txt'])
    assert.equal((await f.list('tree', { depth: 3 })).length, 5)
    await failure(f.list('tree', { depth: 0 }), InvalidArgumentError)
  })

  await check('getInfo', async () => {
    await s.commands.run('printf 12345 > i; chmod 640 i; ln -s i link; mkdir -p dir; chmod 700 dir')
    const info = await f.getInfo('i')
    assert.deepEqual([info.name, info.type, info.path, info.size, info.mode, info.permissions, info.owner, info.group], ['i', FileType.FILE, '/home/user/i', 5, 0o640, '-rw-r-----', 'user', 'user'])
    assert.ok(Math.abs(info.modifiedTime.getTime() - Date.now()) < 60_000)
    const dir = await f.getInfo('dir')
    assert.deepEqual([dir.type, dir.permissions], [FileType.DIR, 'drwx------'])
    const link = await f.getInfo('link')
    assert.deepEqual([link.type, link.symlinkTarget], [FileType.FILE, '/home/user/i'])
    assert.equal((await f.getInfo('dir')).symlinkTarget, undefined)
  })

  await check('exists', async () => {
    await f.write('there', '')
    assert.deepEqual([await f.exists('there'), await f.exists('/home/user'), await f.exists('not-there')], [true, true, false])
  })

  await check('makeDir says whether it made it', async () => {
    assert.equal(await f.makeDir('made/in/depth'), true)
    assert.equal(await f.makeDir('made/in/depth'), false)
    assert.equal((await s.commands.run('stat -c "%U %a" made made/in/depth')).stdout, 'user 755\nuser 755\n')
    await f.write('made/file', '')
    await failure(f.makeDir('made/file'), InvalidArgumentError)
  })

  await check('rename', async () => {
    await f.write('old', 'x')
    const moved = await f.rename('old', 'new/place/moved')
    assert.deepEqual([moved.name, moved.path], ['moved', '/home/user/new/place/moved'])
    assert.deepEqual([await f.exists('old'), await f.read('new/place/moved')], [false, 'x'])
    await f.rename('new', 'newer')
    assert.equal(await f.read('newer/place/moved'), 'x')
  })

  await check('remove', async () => {
    await f.write('gone/deep/x', 'x')
    await f.remove('gone')
    assert.equal(await f.exists('gone'), false)
  })

  await check('watch', async () => {
    await f.makeDir('watched/below')
    const events = watcher()
    const watch = await f.watchDir('watched', events.add)
    await f.write('watched/x', '1')
    await events.has(FilesystemEventType.CREATE, 'x')
    await events.has(FilesystemEventType.WRITE, 'x')
    await s.commands.run('chmod 600 watched/x')
    await events.has(FilesystemEventType.CHMOD, 'x')
    await f.rename('watched/x', 'watched/y')
    await events.has(FilesystemEventType.RENAME, 'x')
    await events.has(FilesystemEventType.CREATE, 'y')
    await f.remove('watched/y')
    await events.has(FilesystemEventType.REMOVE, 'y')
    await f.write('watched/below/z', '1')
    await f.write('watched/last', '1')
    await events.has(FilesystemEventType.CREATE, 'last')
    assert.ok(!events.all.some(e => e.name.includes('z')), 'it tells of what is below a folder')
    await watch.stop()
    await failure(f.watchDir('nowhere', () => undefined), Missing)
    await f.write('just-a-file', '')
    await failure(f.watchDir('just-a-file', () => undefined), InvalidArgumentError)
  })

  await check('watch of all that is below', async () => {
    await f.makeDir('deep/in')
    const events = watcher()
    const watch = await f.watchDir('deep', events.add, { recursive: true })
    await f.write('deep/in/a', '1')
    await events.has(FilesystemEventType.WRITE, 'in/a')
    await f.makeDir('deep/later')
    await events.has(FilesystemEventType.CREATE, 'later')
    await f.write('deep/later/b', '1')
    await events.has(FilesystemEventType.CREATE, 'later/b')
    await watch.stop()
  })

  await check('attributes of an upload', async () => {
    await f.write('tagged', 'x', { metadata: { Author: 'me', purpose: 'a test' } })
    assert.deepEqual({ ...(await f.getInfo('tagged')).metadata }, { author: 'me', purpose: 'a test' })
    assert.match((await s.commands.run('python3 -c "import os; print(os.getxattr(\'tagged\', \'user.e2b.author\').decode())"')).stdout, /^me\n$/)
    await f.write('tagged', 'y', { metadata: { other: '1' } })
    assert.deepEqual({ ...(await f.list('.')).find(e => e.name === 'tagged').metadata }, { other: '1' })
    await failure(f.write('tagged', 'z', { metadata: { bad: 'ž' } }), InvalidArgumentError)
  })

  await check('compressed both ways', async () => {
    const text = 'the same again '.repeat(10_000)
    await f.write('zipped', text, { gzip: true })
    assert.equal(await f.read('zipped', { gzip: true }), text)
    assert.equal((await f.getInfo('zipped')).size, text.length)
  })

  await check('signed URLs', async () => {
    await f.write('signed.txt', 'through a URL')
    const down = await s.downloadUrl('signed.txt')
    assert.equal(await (await fetch(down)).text(), 'through a URL')
    assert.equal(await (await fetch(await s.downloadUrl('signed.txt', { user: 'user', useSignatureExpiration: 60 }))).text(), 'through a URL')
    const form = new FormData()
    form.append('file', new Blob(['by form']), 'dir/formed.txt')
    assert.equal((await fetch(await s.uploadUrl(), { method: 'POST', body: form })).status, 200)
    assert.equal(await f.read('dir/formed.txt'), 'by form')
    const one = new FormData()
    one.append('file', new Blob(['named']), 'ignored')
    assert.equal((await fetch(await s.uploadUrl('named.txt', { useSignatureExpiration: 60 }), { method: 'POST', body: one })).status, 200)
    assert.equal(await f.read('named.txt'), 'named')
    const text = new FormData()
    text.append('file', 'a field of a form')
    const answer = await fetch(await s.uploadUrl('texts/field.txt', { useSignatureExpiration: 60 }), { method: 'POST', body: text })
    assert.deepEqual(await answer.json(), [{ path: '/home/user/texts/field.txt', name: 'field.txt', type: 'file' }])
    assert.equal(await f.read('texts/field.txt'), 'a field of a form')
  })

  await check('URLs with a wrong or old signature are refused', async () => {
    const old = await fetch(await s.downloadUrl('signed.txt', { useSignatureExpiration: -120 }))
    assert.deepEqual([old.status, await old.json()], [401, { code: 401, message: 'signature is already expired' }])
    const bad = new URL(await s.downloadUrl('signed.txt'))
    bad.searchParams.set('path', '/etc/shadow')
    assert.notEqual((await fetch(bad)).status, 200)
    const none = new URL(bad)
    none.searchParams.delete('signature')
    assert.notEqual((await fetch(none)).status, 200)
  })

  await check('a killed sandbox ends a watch', async () => {
    const dying = await sandbox()
    let ended
    await dying.files.watchDir('/home/user', () => undefined, { onExit: error => { ended = { error } } })
    await dying.kill()
    await until(() => ended)
    assert.ok(ended.error, 'it ended as if it were done')
    await failure(dying.files.read('x'))
  })

  function watcher() {
    const all = []
    return { all, add: e => { all.push(e) }, has: (type, name) => until(() => all.some(e => e.type === type && e.name === name)) }
  }
}
