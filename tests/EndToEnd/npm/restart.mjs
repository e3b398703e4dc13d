// What an official client sees when the instance that it is connected to is started again.
// usage: node restart.mjs v1|v2-legacy|v2-auto URL TOOLRT DATA PORT
import { execFileSync } from 'node:child_process';

const [kind, url, toolrt, data, port] = process.argv.slice(2);
const say = (name, value) => console.log(JSON.stringify({ [name]: value }));
const info = { name: 'toolrt-end-to-end', version: '1.0.0' };

async function connect() {
  if (kind === 'v1') {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const transport = new StreamableHTTPClientTransport(new URL(url));
    const client = new Client(info, { capabilities: {} });
    await client.connect(transport);
    return { client, transport };
  }
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const transport = new StreamableHTTPClientTransport(new URL(url));
  const client = new Client(info, { capabilities: {}, versionNegotiation: { mode: kind === 'v2-auto' ? 'auto' : 'legacy' } });
  await client.connect(transport);
  return { client, transport };
}

const sum = async ({ client }) => (await client.callTool({ name: 'add', arguments: { a: 1, b: 2 } })).structuredContent;
let connected = await connect();
const session = connected.transport.sessionId;
say('session', Boolean(session));
say('first', await sum(connected));
execFileSync(toolrt, ['down', '--data', data], { stdio: 'ignore' });
execFileSync(toolrt, ['up', '--detach', '--port', port, '--data', data], { stdio: 'ignore' });
/** Node's fetch tells of each kept connection that it is gone; that says nothing of the session. */
async function sumOnNewConnection() {
  for (;;) {
    try {
      return await sum(connected);
    } catch (error) {
      if (error.message !== 'fetch failed') throw error;
    }
  }
}

try {
  say('again', await sumOnNewConnection());
} catch (error) {
  say('refused', { status: error.code ?? error.status, message: String(error.message) });
  connected = await connect();
  say('again', await sum(connected));
}
say('fresh', connected.transport.sessionId !== session);
await connected.client.close();
