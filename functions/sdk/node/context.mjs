// What a function can do beside returning: progress, log lines, checkpoints, steps, questions, other tools.

import { CHECKPOINT, HOST_CALL, PROGRESS } from './channel.mjs';
import { Content, encode } from './json.mjs';
import { Mailbox, State, step } from './keeping.mjs';

/** The host answered a question with a fault: `code`, `message`, `hint`. */
export class ToolError extends Error {
  constructor(fault) {
    super(fault.message ?? fault.code ?? 'the host gave no reason');
    this.name = 'ToolError';
    this.code = fault.code ?? 'Internal';
    this.hint = fault.hint;
    this.detail = fault.detail;
  }
}

/** One call; a function gets it as the parameter called `ctx`. */
export class Context {
  #call;

  constructor(call) {
    this.#call = call;
    const head = call.head;
    this.invocation = head.invocation;
    this.session = head.session;
    this.function = head.function;
    this.tool = head.tool;
    this.tenant = head.tenant;
    this.attempt = head.attempt ?? 1;
    this.traceparent = head.traceparent;
    this.previousCheckpoint = head.checkpoint;
    this.state = new State(call);
    this.mailbox = new Mailbox(call);
    this.tools = {
      /** The definitions of the tools that the caller may use. */
      list: async () => (await call.ask('tools.list', {}))?.tools ?? [],
      /** Calls one and gives its value, or its content blocks where it has no value; throws ToolError. */
      call: async (name, args = {}) => valueOf(await call.ask('tools.call', { name, arguments: args })),
    };
  }

  /** Aborts when the call is cancelled or runs out of time. */
  get signal() {
    return this.#call.signal;
  }

  get cancelled() {
    return this.#call.signal.aborted;
  }

  /** Seconds until the call's deadline, or undefined without one. */
  get secondsLeft() {
    const limit = this.#call.head.deadlineMs;
    return limit === undefined ? undefined : Math.max(0, (limit - (performance.now() - this.#call.started)) / 1000);
  }

  /** Says how far the call is. */
  progress(progress, total, message) {
    this.#call.send(PROGRESS, JSON.stringify({ progress, total, message }));
  }

  /** A log line of an MCP level (debug, info, notice, warning, error, critical, alert, emergency). */
  log(text, level = 'info') {
    this.#call.output.log(level, String(text));
  }

  /** Gives a piece of the result before the result. */
  emit(value) {
    this.#call.emit(value);
  }

  /** Keeps a JSON value, which the call finds in `previousCheckpoint` if it must be run again. */
  checkpoint(state) {
    this.#call.send(CHECKPOINT, `{"state":${encode(state)}}`);
  }

  /**
   * Runs `run` once for this invocation and `name` and gives its JSON result, which is kept before this settles: a call that is run again
   * after a crash gets it without running `run`.
   */
  step(name, run) {
    return step(this.#call, name, run);
  }

  /** Asks the caller by a form (JSON Schema); gives `{action: accept|decline|cancel, content}`. */
  async elicit(message, schema = { type: 'object', properties: {} }) {
    return (await this.#call.ask('elicit', { message, requestedSchema: schema })) ?? { action: 'cancel' };
  }

  /** Asks the caller several things at once: MCP requests by name, `{who: {method, params}}`; gives the results by the same names. */
  async ask(requests) {
    return (await this.#call.ask('ask', { requests })) ?? {};
  }

  /** An image as a result. */
  image(data, mimeType = 'image/png') {
    return new Content({ type: 'image', data: base64(data), mimeType });
  }

  /** Audio as a result. */
  audio(data, mimeType = 'audio/wav') {
    return new Content({ type: 'audio', data: base64(data), mimeType });
  }

  /** Text beside other blocks of a result. */
  text(text) {
    return new Content({ type: 'text', text });
  }

  /** An MCP content block as it is. */
  content(block) {
    return new Content(block);
  }
}

/** Questions to the host that wait for their answers. */
export class HostCalls {
  #channel;
  #last = 0;
  #open = new Map();

  constructor(channel) {
    this.#channel = channel;
  }

  /** Sends one; its result, or a ToolError. */
  ask(call, method, params) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#open.delete(id);
        reject(call.signal.reason);
      };
      if (call.signal.aborted) return abort();
      call.signal.addEventListener('abort', abort, { once: true });
      this.#open.set(id, (body) => {
        call.signal.removeEventListener('abort', abort);
        if (body.fault) reject(new ToolError(body.fault));
        else resolve(body.result);
      });
      return this.#channel.send(HOST_CALL, call.number, `{"id":${id},"method":"${method}","params":${encode(params)}}`);
    });
  }

  /** Settles the question that a HOST_REPLY answers; unknown ids were given up and are ignored. */
  reply(body) {
    const settle = this.#open.get(body.id);
    this.#open.delete(body.id);
    settle?.(body);
  }
}

function valueOf(result) {
  return result !== null && typeof result === 'object' && 'value' in result ? result.value : result?.content ?? result;
}

function base64(data) {
  return typeof data === 'string' ? data : Buffer.from(data).toString('base64');
}
