// Calls the same tools of server-everything directly over stdio and through an endpoint; prints both answers as JSON.
// usage: node compare.mjs URL
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const calls = [
  { name: 'echo', arguments: { message: 'hello, world' } },
  { name: 'get-sum', arguments: { a: 2.5, b: 40 } },
  { name: 'get-tiny-image', arguments: {} },
  { name: 'get-structured-content', arguments: { location: 'Chicago' } },
  { name: 'get-annotated-message', arguments: { messageType: 'error', includeImage: true } },
  { name: 'get-resource-links', arguments: { count: 3 } },
  { name: 'get-sum', arguments: { a: 1 } },
];

async function ask(transport) {
  const client = new Client({ name: 'compare', version: '1.0.0' }, { capabilities: {} });
  await client.connect(transport);
  const answers = [];
  for (const call of calls) {
    const { content, structuredContent, isError } = await client.callTool(call);
    answers.push({ content, structuredContent, isError: isError ?? false });
  }
  const progress = [];
  await client.callTool({ name: 'trigger-long-running-operation', arguments: { duration: 1, steps: 2 } }, undefined, { onprogress: (p) => progress.push(p.progress) });
  const prompts = (await client.listPrompts()).prompts.map((p) => p.name).sort();
  const resources = (await client.listResources()).resources.map((r) => r.uri).sort();
  const prompt = await client.getPrompt({ name: 'simple-prompt' });
  await client.close();
  return { answers, progress, prompts, resources, prompt: prompt.messages };
}

const server = 'node_modules/@modelcontextprotocol/server-everything/dist/index.js';
const direct = await ask(new StdioClientTransport({ command: process.execPath, args: [server, 'stdio'], stderr: 'ignore' }));
const through = await ask(new StreamableHTTPClientTransport(new URL(process.argv[2])));
console.log(JSON.stringify({ direct, through }));
