// One call, from its CALL to its one RESULT or ERROR.

import { ERROR, MAXIMUM_PAYLOAD, OUTPUT, RESULT } from './channel.mjs';
import { Context } from './context.mjs';
import { fault, thrown } from './faults.mjs';
import { Content, NotJson, encode } from './json.mjs';
import { Output, currentCall } from './output.mjs';

// A function that does not heed its signal is left alone after this; the host would end the whole worker at 2 s.
const GRACE_MS = 1000;

/** State of one call. */
export class Call {
  #worker;
  #arguments;
  #controller = null;
  #reason = null;
  #grace = null;

  constructor(worker, number, head, args) {
    this.#worker = worker;
    this.#arguments = args;
    this.number = number;
    this.head = head;
    this.started = performance.now();
    this.isAnswered = false;
    this.output = new Output(worker.channel, number, worker.outputBytes);
  }

  /** Aborts when the call is cancelled. */
  get signal() {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Runs the function and answers. */
  run(plan) {
    currentCall.run(this, () => {
      try {
        const value = plan.invoke(JSON.parse(this.#arguments), plan.wantsContext ? new Context(this) : null);
        if (isPlain(value)) return this.#succeed(value);
        return void this.#settle(value).catch((error) => this.#fail(error));
      } catch (error) {
        return this.#fail(error);
      }
    });
  }

  /** A frame of this call, unless it is answered already. */
  send(type, text) {
    if (!this.isAnswered) this.#worker.channel.send(type, this.number, text);
  }

  /** A question to the host. */
  ask(method, params) {
    return this.#worker.host.ask(this, method, params);
  }

  /** A piece before the result: to the host where it streams. */
  emit(value) {
    if (!this.head.stream || this.isAnswered) return;
    this.output.flush(false);
    this.send(OUTPUT, typeof value === 'string' ? JSON.stringify({ text: value }) : `{"value":${encode(value)}}`);
  }

  /** Reaches the user's code by its signal. */
  cancel(reason) {
    this.#reason = reason;
    this.#controller ??= new AbortController();
    this.#controller.abort(new DOMException(`the call was cancelled (${reason})`, 'AbortError'));
    this.#grace = setTimeout(() => this.#answer(ERROR, this.#cancelledFault()), GRACE_MS);
  }

  async #settle(value) {
    const settled = await value;
    if (typeof settled?.[Symbol.asyncIterator] === 'function') {
      return this.#drain(settled[Symbol.asyncIterator]());
    }
    if (typeof settled?.[Symbol.iterator] === 'function' && typeof settled.next === 'function') {
      return this.#drain(settled);
    }
    return this.#succeed(settled);
  }

  async #drain(iterator) {
    const pieces = new Pieces(this, this.#worker.outputBytes);
    for (;;) {
      const step = await iterator.next();
      if (step.done) {
        return step.value === undefined ? this.#answer(RESULT, pieces.result()) : this.#succeed(step.value);
      }
      pieces.add(step.value);
      if (this.#reason !== null) {
        await iterator.return?.();
        throw this.signal.reason;
      }
    }
  }

  #succeed(value) {
    if (value instanceof Content) return this.#answer(RESULT, encode({ content: [value] }));
    if (Array.isArray(value) && value.some((item) => item instanceof Content)) {
      return this.#answer(RESULT, encode({ content: value.map(asBlock) }));
    }
    return this.#answer(RESULT, `{"value":${encode(value)}}`);
  }

  #fail(error) {
    if (this.#reason !== null) return this.#answer(ERROR, this.#cancelledFault());
    if (error instanceof NotJson) {
      return this.#answer(ERROR, fault('FunctionThrew', `the result of ${this.head.tool} is not JSON: ${error.message}`));
    }
    if (error instanceof TooLarge) return this.#answer(ERROR, fault('OutputTooLarge', error.message));
    return this.#answer(ERROR, thrown(error));
  }

  #cancelledFault() {
    return fault(this.#reason === 'deadline' ? 'DeadlineExceeded' : 'Cancelled', `the call of ${this.head.tool} was cancelled`);
  }

  #answer(type, text) {
    if (this.isAnswered) return;
    clearTimeout(this.#grace);
    const size = text.length * 3 > MAXIMUM_PAYLOAD ? Buffer.byteLength(text) : 0;
    this.isAnswered = true;
    this.output.finish();
    this.#worker.done(this.number);
    if (size > MAXIMUM_PAYLOAD) {
      const message = `the result has ${size} bytes, at most ${MAXIMUM_PAYLOAD} are carried`;
      this.#worker.channel.send(ERROR, this.number, fault('OutputTooLarge', message));
    } else {
      this.#worker.channel.send(type, this.number, text);
    }
  }
}

/** The pieces of a generator exceed what is kept. */
class TooLarge extends Error {}

/** What a generator yields: sent at once where the call streams, and kept for the result up to the output limit. */
class Pieces {
  #call;
  #limit;
  #left;
  #kept = [];
  #hasContent = false;

  constructor(call, limit) {
    this.#call = call;
    this.#limit = this.#left = limit;
  }

  add(piece) {
    this.#call.emit(piece);
    if (this.#left < 0) return;
    const json = encode(piece);
    this.#left -= Buffer.byteLength(json) + 1;
    if (this.#left >= 0) {
      this.#hasContent ||= piece instanceof Content;
      this.#kept.push({ json, content: piece instanceof Content ? piece : null });
      return;
    }
    const text = `the pieces amount to more than ${this.#limit} bytes`;
    if (!this.#call.head.stream) throw new TooLarge(`${text}: stream the call, or return a value at the end`);
    this.#call.output.log('warning', `[result truncated: ${text}]`);
  }

  result() {
    if (this.#hasContent) {
      return encode({ content: this.#kept.map(({ json, content }) => asBlock(content ?? JSON.parse(json))) });
    }
    return `{"value":[${this.#kept.map(({ json }) => json).join(',')}]}`;
  }
}

function asBlock(item) {
  return item instanceof Content ? item.block : { type: 'text', text: typeof item === 'string' ? item : encode(item) };
}

function isPlain(value) {
  return value === null || typeof value !== 'object' || Array.isArray(value);
}
