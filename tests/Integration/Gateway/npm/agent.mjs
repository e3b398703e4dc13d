// An A2A agent by the official SDK, and with a URL its official client: prints what the client saw as JSON.
// usage: node agent.mjs serve | node agent.mjs ask URL
import { AGENT_CARD_PATH, Role, TaskState } from '@a2a-js/sdk';

const text = (value) => ({ content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: 'text/plain' });
const message = (role, value, more = {}) => ({ messageId: crypto.randomUUID(), contextId: '', taskId: '', role, parts: [text(value)], metadata: undefined, extensions: [], referenceTaskIds: [], ...more });

async function serve() {
  const { default: express } = await import('express');
  const { AgentEvent, DefaultRequestHandler, InMemoryTaskStore } = await import('@a2a-js/sdk/server');
  const { UserBuilder, agentCardHandler, jsonRpcHandler } = await import('@a2a-js/sdk/server/express');
  const app = express();
  const listening = app.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${listening.address().port}`;
    const card = {
      name: 'Counting agent', description: 'Counts.', version: '1.0.0', provider: undefined, securitySchemes: {}, securityRequirements: [], signatures: [], defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'],
      supportedInterfaces: [{ url: `${url}/rpc`, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '1.0' }],
      capabilities: { streaming: true, pushNotifications: false, extensions: [], extendedAgentCard: false },
      skills: [{ id: 'count', name: 'count', description: 'Counts.', tags: [], examples: [], inputModes: [], outputModes: [], securityRequirements: [] }],
    };
    const executor = {
      async execute(context, bus) {
        const { taskId, contextId } = context;
        const status = (state) => ({ taskId, contextId, status: { state, message: undefined, timestamp: new Date().toISOString() }, metadata: undefined });
        bus.publish(AgentEvent.task({ id: taskId, contextId, status: { state: TaskState.TASK_STATE_SUBMITTED, message: undefined, timestamp: new Date().toISOString() }, artifacts: [], history: [context.userMessage], metadata: undefined }));
        for (const value of ['one', 'two', 'three']) {
          bus.publish(AgentEvent.artifactUpdate({ taskId, contextId, artifact: { artifactId: value, name: value, description: '', parts: [text(value)], metadata: undefined, extensions: [] }, append: false, lastChunk: true, metadata: undefined }));
        }
        bus.publish(AgentEvent.statusUpdate(status(TaskState.TASK_STATE_COMPLETED)));
        bus.finished();
      },
      async cancelTask() {},
    };
    const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), executor);
    app.use(`/${AGENT_CARD_PATH}`, agentCardHandler({ agentCardProvider: requestHandler }));
    app.use('/rpc', jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }));
    console.log(url);
  });
}

async function ask(url) {
  const { ClientFactory } = await import('@a2a-js/sdk/client');
  const client = await new ClientFactory().createFromUrl(url, '.well-known/agent-card.json');
  const request = () => ({ tenant: '', message: message(Role.ROLE_USER, 'count'), configuration: undefined, metadata: undefined });
  const streamed = [];
  for await (const event of client.sendMessageStream(request())) {
    const payload = event.payload ?? event;
    streamed.push(payload.$case === 'artifactUpdate' ? payload.value.artifact.name : payload.$case);
  }
  const sent = await client.sendMessage(request());
  const task = sent.payload?.value ?? sent.value ?? sent;
  console.log(JSON.stringify({ streamed, artifacts: (task.artifacts ?? []).map((a) => a.name) }));
}

await (process.argv[2] === 'serve' ? serve() : ask(process.argv[3]));
