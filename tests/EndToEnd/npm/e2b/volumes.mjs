import { randomBytes } from 'node:crypto'
import { assert, failure } from './tools.mjs'

export async function volumes({ Volume, sandbox }, check) {
  const named = () => `v-${randomBytes(6).toString('hex')}`

  await check('create, connect, list and destroy', async () => {
    const name = named()
    const made = await Volume.create(name)
    assert.equal(made.name, name)
    assert.ok((await Volume.list()).some(v => v.volumeId === made.volumeId && v.name === name))
    const again = await Volume.connect(made.volumeId)
    assert.equal(again.name, name)
    await again.writeFile('/x', 'x')
    await failure(Volume.create(name))
    assert.equal(await Volume.destroy(made.volumeId), true)
    assert.equal(await Volume.destroy(made.volumeId), false)
    await failure(Volume.getInfo(made.volumeId))
  })

  await check('files', async () => {
    const v = await Volume.create(named())
    const written = await v.writeFile('/a/b/text', 'grüße', { mode: 0o600, uid: 1000, gid: 1000 })
    assert.equal(written.type, 'file')
    assert.equal(written.mode & 0o777, 0o600)
    assert.equal(written.path, '/a/b/text')
    assert.equal(await v.readFile('/a/b/text'), 'grüße')
    await v.writeFile('/empty', '')
    assert.equal(await v.readFile('/empty'), '')
    const made = await v.makeDir('/folder/inner', { force: true })
    assert.equal(made.type, 'directory')
    await failure(v.makeDir('/not/there'))
    assert.deepEqual((await v.list('/', { depth: 3 })).map(e => e.path).filter(p => p !== '/lost+found'), ['/a', '/a/b', '/a/b/text', '/empty', '/folder', '/folder/inner'])
    assert.equal(await v.exists('/a'), true)
    assert.equal(await v.exists('/nothing'), false)
    const changed = await v.updateMetadata('/empty', { mode: 0o640, uid: 0 })
    assert.deepEqual([changed.mode & 0o777, changed.uid], [0o640, 0])
    assert.ok((await v.getInfo('/empty')).mtime instanceof Date)
    await v.remove('/a')
    assert.equal(await v.exists('/a/b/text'), false)
    await failure(v.readFile('/a/b/text'))
    await failure(v.readFile('/a/b/text', { token: 'wrong' }))
    await Volume.destroy(v.volumeId)
  })

  await check('100 MB up and down as streams', async () => {
    const v = await Volume.create(named())
    const piece = randomBytes(1 << 20)
    let left = 100
    const up = new ReadableStream({ pull(c) { left-- > 0 ? c.enqueue(new Uint8Array(piece)) : c.close() } })
    assert.equal((await v.writeFile('/large', up)).size, 100 << 20)
    let came = 0
    for await (const chunk of await v.readFile('/large', { format: 'stream' })) {
      assert.equal(Buffer.compare(chunk.subarray(0, 16), Buffer.concat([piece, piece]).subarray(came % piece.length, (came % piece.length) + Math.min(16, chunk.length))), 0)
      came += chunk.length
    }
    assert.equal(came, 100 << 20)
    await Volume.destroy(v.volumeId)
  })

  await check('in sandboxes', async () => {
    const v = await Volume.create(named())
    await v.writeFile('/given', 'from outside')
    const [a, b] = await Promise.all([sandbox({ volumeMounts: { '/data': v } }), sandbox({ volumeMounts: { '/mnt/shared': v.name } })])
    assert.equal(await a.files.read('/data/given'), 'from outside')
    await a.commands.run('echo written inside > /data/new')
    assert.equal((await b.commands.run('cat /mnt/shared/new')).stdout, 'written inside\n')
    assert.deepEqual((await a.getInfo()).volumeMounts, [{ name: v.name, path: '/data' }])
    await failure(Volume.destroy(v.volumeId))
    await a.kill()
    await b.pause()
    await b.connect()
    assert.equal((await b.commands.run('cat /mnt/shared/given')).stdout, 'from outside')
    await b.kill()
    assert.equal(await v.readFile('/new'), 'written inside\n')
    assert.equal(await Volume.destroy(v.volumeId), true)
    await failure(sandbox({ volumeMounts: { '/data': 'nothing-of-that-name' } }))
  })
}
