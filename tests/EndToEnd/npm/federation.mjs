// What an MCP server behind an endpoint says beside answers, as an official client hears it; one JSON object a line.
// usage: node federation.mjs legacy|modern PREFIX URL      with the server of servers/changing, or PREFIX everything
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [era, prefix, url] = process.argv.slice(2);
const say = (name, value) => console.log(JSON.stringify({ [name]: value }));
const heard = new Map();
const wanted = (what) => heard.get(what) ?? heard.set(what, Promise.withResolvers()).get(what);
const hear = (what, value) => wanted(what).resolve(value ?? true);
const listChanged = (what) => ({ autoRefresh: false, debounceMs: 0, onChanged: () => hear(what) });

const client = new Client({ name: 'toolrt-end-to-end', version: '1.0.0' }, {
  capabilities: { elicitation: {} },
  versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' },
  listChanged: { tools: listChanged('tools'), prompts: listChanged('prompts'), resources: listChanged('resources') },
});
client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { name: 'Ada' } }));
client.setNotificationHandler('notifications/resources/updated', (note) => hear('updated', note.params.uri));
client.setNotificationHandler('notifications/message', (note) => hear('message', note.params.level));
await client.connect(new StreamableHTTPClientTransport(new URL(url)));

const text = async (name) => (await client.callTool({ name, arguments: {} })).content[0].text;
const names = async () => (await client.listTools()).tools.map((tool) => tool.name).filter((name) => name.startsWith(`${prefix}_`));

async function subscribe(uri) {
  if (era === 'legacy') await client.subscribeResource({ uri });
  else say('honoured', (await client.listen({ resourceSubscriptions: [uri] })).honoredFilter.resourceSubscriptions);
}

/** Does something until it is heard of: a legacy client opens its stream for what belongs to no request in its own time. */
async function until(what, action) {
  let isHeard = false;
  wanted(what).promise.then(() => { isHeard = true; });
  while (!isHeard) await action();
  return wanted(what).promise;
}

async function changing() {
  const uri = `changing://${prefix}/place`;
  say('before', await names());
  await subscribe(uri);
  say('updated', await until('updated', () => text(`${prefix}_visit`)));
  if (era === 'legacy') say('message', await wanted('message').promise);
  say('read', (await client.readResource({ uri })).contents[0].text);
  say('ask', await text(`${prefix}_ask`));
  const completed = await client.complete({ ref: { type: 'ref/prompt', name: `${prefix}_paint` }, argument: { name: 'colour', value: 'gr' } });
  say('completed', completed.completion.values);
  // What was told before was about something else: the lists of another server of this caller may have changed meanwhile.
  heard.delete('tools');
  say('grow', await text(`${prefix}_grow`));
  await wanted('tools').promise;
  say('after', await names());
  say('grown', await text(`${prefix}_grown`));
}

async function everything() {
  const uri = 'demo://resource/dynamic/text/1';
  await subscribe(uri);
  say('updated', await until('updated', () => text('toggle-subscriber-updates')));
  if (era === 'legacy') {
    await client.setLoggingLevel('debug');
    say('message', await until('message', () => text('toggle-simulated-logging')));
  }
  const completed = await client.complete({ ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'S' } });
  say('completed', completed.completion.values);
}

await (prefix === 'everything' ? everything() : changing());
await client.close();
