// Drives an endpoint with an official client and prints what it saw, one JSON object a line.
// usage: node client.mjs v1|v2-legacy|v2-auto|v2-pin URL [TOOL]: with TOOL it waits until that stands on the list
const [kind, url, awaited] = process.argv.slice(2);
const say = (name, value) => console.log(JSON.stringify({ [name]: value }));
const info = { name: 'toolrt-end-to-end', version: '1.0.0' };

let changed;
const listChanged = new Promise((resolve) => { changed = resolve; });
const onChanged = (error, tools) => { if (!error && (tools ?? []).some((t) => t.name === awaited)) changed(tools.map((t) => t.name)); };

async function connect() {
  const tools = { autoRefresh: true, debounceMs: 0, onChanged };
  if (kind === 'v1') {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const client = new Client(info, { capabilities: {}, listChanged: { tools } });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    return client;
  }

  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const mode = { 'v2-legacy': 'legacy', 'v2-auto': 'auto', 'v2-pin': { pin: '2026-07-28' } }[kind];
  const client = new Client(info, { capabilities: {}, versionNegotiation: { mode }, listChanged: { tools } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

const client = await connect();
const { tools } = await client.listTools();
say('tools', tools.map((t) => t.name));
const result = await client.callTool({ name: 'add', arguments: { a: 1, b: 2 } });
say('add', result.structuredContent ?? null);
const progress = [];
let heard;
const onprogress = (p) => {
  progress.push(p.progress);
  if (progress.length === 3) heard = client.callTool({ name: 'heard', arguments: {} });
};
const options = { onprogress };
const counted = kind === 'v1'
  ? await client.callTool({ name: 'count', arguments: { to: 3 } }, undefined, options)
  : await client.callTool({ name: 'count', arguments: { to: 3 } }, options);
await heard;
say('count', { isError: counted.isError ?? false, progress });
if (awaited) {
  say('listening', true);
  say('changed', await listChanged);
}
await client.close();
