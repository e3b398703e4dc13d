// An MCP server by the official SDK that changes while it runs. Its argument names its tools and says which era of MCP it speaks.
import { McpServer, acceptedContent, completable, inputRequired } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const era = process.argv[2];
const place = `changing://${era}/place`;
const text = (value) => ({ content: [{ type: 'text', text: value }] });
const none = z.object({});

function make() {
  const capabilities = { logging: {}, tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true } };
  const server = new McpServer({ name: era, version: '1.0.0' }, { capabilities });
  let visits = 0;
  server.registerTool(`${era}_grow`, { description: 'Lists one tool more.', inputSchema: none }, async () => {
    server.registerTool(`${era}_grown`, { description: 'Was not there at deploy.', inputSchema: none }, async () => text('grown'));
    return text('growing');
  });
  server.registerTool(`${era}_visit`, { description: 'Changes the place.', inputSchema: none }, async (_, ctx) => {
    visits += 1;
    await ctx.mcpReq.log('warning', `visit ${visits}`);
    await server.server.sendResourceUpdated({ uri: place });
    return text(`visit ${visits}`);
  });
  const form = z.object({ name: z.string() });
  server.registerTool(`${era}_ask`, { description: 'Asks for a name.', inputSchema: none }, async (_, ctx) => {
    const answer = acceptedContent(ctx.mcpReq.inputResponses, 'who', form);
    return answer ? text(`Hello, ${answer.name}`) : inputRequired({ inputRequests: { who: inputRequired.elicit({ message: 'Who is there?', requestedSchema: form }) } });
  });
  server.registerResource('place', place, { description: 'A place that changes.' }, async (uri) => ({ contents: [{ uri: uri.href, text: `visited ${visits} times` }] }));
  const colours = (value) => ['red', 'green', 'grey'].filter((colour) => colour.startsWith(value));
  server.registerPrompt(`${era}_paint`, { argsSchema: z.object({ colour: completable(z.string(), colours) }) }, ({ colour }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Paint it ${colour}.` } }],
  }));
  if (era === 'legacy') {
    server.server.setRequestHandler('resources/subscribe', async () => ({}));
    server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
  }
  return server;
}

serveStdio(make, { legacy: era === 'legacy' ? 'serve' : 'reject' });
