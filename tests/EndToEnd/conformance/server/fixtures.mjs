// The resources, prompts and completions that the conformance suite asks for, as an MCP server over stdio.
import { createInterface } from 'node:readline';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const text = value => ({ type: 'text', text: value });
const user = content => ({ role: 'user', content });
const waiting = new Map();
let asked = 0;

const resources = {
  'test://static-text': { mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  'test://static-binary': { mimeType: 'image/png', blob: png },
  'test://watched-resource': { mimeType: 'text/plain', text: 'This is watched.' },
};

const prompts = {
  test_simple_prompt: { arguments: [], get: () => [user(text('This is a simple prompt for testing.'))] },
  test_prompt_with_arguments: {
    arguments: ['arg1', 'arg2'],
    get: given => [user(text(`Prompt with arguments: arg1='${given.arg1}', arg2='${given.arg2}'`))],
  },
  test_prompt_with_embedded_resource: {
    arguments: ['resourceUri'],
    get: given => [
      user({ type: 'resource', resource: { uri: given.resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' } }),
      user(text('Please process the embedded resource above.')),
    ],
  },
  test_prompt_with_image: {
    arguments: [],
    get: () => [user({ type: 'image', data: png, mimeType: 'image/png' }), user(text('Please analyze the image above.'))],
  },
  test_input_required_result_prompt: {
    arguments: [],
    get: async () => {
      const requestedSchema = { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] };
      const answer = await ask('elicitation/create', { message: 'What context should the prompt use?', requestedSchema }, 'user_context');
      return [user(text(`Context: ${answer.content?.context}`))];
    },
  },
};

const methods = {
  initialize: () => ({
    protocolVersion: '2025-11-25',
    capabilities: { resources: { subscribe: true }, prompts: {}, completions: {}, tools: {} },
    serverInfo: { name: 'fixtures', version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [{ name: 'fixture_ping', description: 'Answers.', inputSchema: { type: 'object' }, icons: [{ src: 'https://x.test/i.png' }] }] }),
  'tools/call': () => ({ content: [text('pong')], unknownMember: { kept: true } }),
  'resources/list': () => ({
    resources: Object.keys(resources).map(uri => ({ uri, name: uri.slice(7), description: 'A fixture.', mimeType: resources[uri].mimeType })),
  }),
  'resources/templates/list': () => ({
    resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template', description: 'A fixture.', mimeType: 'application/json' }],
  }),
  'resources/read': ({ uri }) => {
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
    if (id) {
      return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }] };
    }
    if (!resources[uri]) {
      throw { code: -32002, message: 'Resource not found', data: { uri } };
    }
    return { contents: [{ uri, ...resources[uri] }] };
  },
  'resources/subscribe': () => ({}),
  'resources/unsubscribe': () => ({}),
  'prompts/list': () => ({
    prompts: Object.entries(prompts).map(([name, prompt]) => ({
      name, description: 'A fixture.', arguments: prompt.arguments.map(a => ({ name: a, description: 'An argument.', required: true })),
    })),
  }),
  'prompts/get': async ({ name, arguments: given }) => ({ messages: await prompts[name].get(given ?? {}) }),
  'completion/complete': () => ({ completion: { values: ['paris', 'park', 'party'], total: 3, hasMore: false } }),
};

function send(message) {
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\n');
}

function ask(method, params, key) {
  const id = `${key}-${++asked}`;
  send({ id: key ? id : asked, method, params });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.method && message.id !== undefined) {
    Promise.resolve()
      .then(() => {
        const method = methods[message.method];
        if (!method) {
          throw { code: -32601, message: `no method ${message.method}` };
        }
        return method(message.params ?? {});
      })
      .then(result => send({ id: message.id, result }), error => send({ id: message.id, error: { code: error.code ?? -32603, message: error.message, data: error.data } }));
  } else if (message.id !== undefined) {
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    message.error ? answer?.reject(message.error) : answer?.resolve(message.result);
  }
}
