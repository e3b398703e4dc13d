// Calls the same tools of server-everything directly and through an endpoint, over streamable HTTP, with an official client; prints both answers as JSON.
// usage: node everything.mjs v1|v2 DIRECT-URL THROUGH-URL PREFIX
const [kind, direct, through, prefix] = process.argv.slice(2);
const info = { name: 'toolrt-judge', version: '1.0.0' };
const calls = [
  { name: 'echo', arguments: { message: 'hello, world' } },
  { name: 'get-sum', arguments: { a: 2.5, b: 40 } },
  { name: 'get-tiny-image', arguments: {} },
  { name: 'get-structured-content', arguments: { location: 'Chicago' } },
  { name: 'get-annotated-message', arguments: { messageType: 'error', includeImage: true } },
  { name: 'get-resource-links', arguments: { count: 3 } },
  { name: 'get-sum', arguments: { a: 1 } },
];

async function connect(url) {
  if (kind === 'v1') {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
    const client = new Client(info, { capabilities: {} });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    return client;
  }
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const client = new Client(info, { capabilities: {}, versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

async function ask(url, before) {
  const client = await connect(url);
  const own = (name) => name.startsWith(before) ? name.slice(before.length) : `!${name}`;
  const answers = [];
  for (const call of calls) {
    const { content, structuredContent, isError } = await client.callTool({ ...call, name: before + call.name });
    answers.push({ content, structuredContent, isError: isError ?? false });
  }
  // The server sends $schema, and the v2 client drops it where it speaks the older era (to the server itself) and not where it speaks the newer (to us).
  const plain = ({ $schema, ...schema }) => schema;
  const tools = (await client.listTools()).tools.map((t) => ({ ...t, name: own(t.name), inputSchema: plain(t.inputSchema), ...(t.outputSchema ? { outputSchema: plain(t.outputSchema) } : {}) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const prompts = (await client.listPrompts()).prompts.map((p) => own(p.name)).sort();
  const resources = (await client.listResources()).resources.map((r) => r.uri).sort();
  const templates = (await client.listResourceTemplates()).resourceTemplates.map((r) => r.uriTemplate).sort();
  const prompt = (await client.getPrompt({ name: `${before}simple-prompt` })).messages;
  const read = (await client.readResource({ uri: resources[0] })).contents[0].mimeType;
  await client.close();
  return { answers, tools: tools.map((t) => ({ name: t.name, description: t.description, inputSchema: t.inputSchema, annotations: t.annotations })), prompts, resources, templates, prompt, read };
}

// The gateway tells the server that it can be asked for everything, so the server lists the tools that ask as well: those are no difference.
const [alone, behind] = [await ask(direct, ''), await ask(through, prefix)];
behind.tools = behind.tools.filter((t) => alone.tools.some((a) => a.name === t.name));
console.log(JSON.stringify({ direct: alone, through: behind }));
