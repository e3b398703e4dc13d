import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { assert, failure } from './tools.mjs'

/** A server over stdio in one line of a shell: its one tool says what it was given, and how far it is before. */
const program = name => `node -e '
const say = m => console.log(JSON.stringify({ jsonrpc: "2.0", ...m }))
require("readline").createInterface({ input: process.stdin }).on("line", line => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  if (method === "initialize") return say({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "${name}", version: "1" } } })
  if (method === "tools/list") return say({ id, result: { tools: [{ name: "say", description: "${name}", inputSchema: { type: "object" } }] } })
  if (params._meta?.progressToken !== undefined) say({ method: "notifications/progress", params: { progressToken: params._meta.progressToken, progress: 1, total: 2 } })
  say({ id, result: { content: [{ type: "text", text: "${name} " + process.env.MOOD + " " + params.arguments.what }] } })
})'`

// Older versions leave what the program said to the error's own member.
const told = error => `${error.message}\n${error.stderr ?? ''}`

export async function servers({ Sandbox, SandboxError, keep }, check) {
  await check('MCP servers of a sandbox behind one endpoint', async () => {
    const mcp = { first: { runCmd: program('first'), envs: { MOOD: 'glad' } }, second: { runCmd: program('second'), envs: { MOOD: 'sad' } } }
    const sandbox = await Sandbox.create({ mcp, timeoutMs: 120_000 })
    keep(sandbox)
    const token = await sandbox.getMcpToken()
    assert.equal((await fetch(sandbox.getMcpUrl(), { method: 'POST', body: '{}' })).status, 401)
    const same = await Sandbox.connect(sandbox.sandboxId)
    assert.equal(await same.getMcpToken(), token)

    const client = new Client({ name: 'judge', version: '1' })
    await client.connect(new StreamableHTTPClientTransport(new URL(sandbox.getMcpUrl()), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }))
    assert.deepEqual((await client.listTools()).tools.map(t => [t.name, t.description]), [['say', 'first'], ['second_say', 'second']])
    const progress = []
    const said = await client.callTool({ name: 'second_say', arguments: { what: 'hello' } }, undefined, { onprogress: p => progress.push(p) })
    assert.equal(said.content[0].text, 'second sad hello')
    assert.deepEqual(progress, [{ progress: 1, total: 2 }])
    await assert.rejects(client.callTool({ name: 'none', arguments: {} }), /none/)
    await sandbox.commands.run('pkill -f second', { user: 'root' })
    assert.equal((await client.callTool({ name: 'say', arguments: { what: 'on' } })).content[0].text, 'first glad on')
    await client.close()
  })

  await check('an MCP server that does not start, or is not known, is told', async () => {
    const ended = await failure(Sandbox.create({ mcp: { broken: { runCmd: 'sh -c "echo no key >&2; exit 3"' } } }), SandboxError)
    assert.match(told(ended), /broken ended with exit code 3: no key/)
    const unknown = await failure(Sandbox.create({ mcp: { unheardOf: {} } }), SandboxError)
    assert.match(told(unknown), /unheardOf is no server that is known here/)
  })
}
