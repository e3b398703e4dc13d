// One worker: at most one function, many calls on one event loop.

import { CALL, CANCEL, ERROR, HOST_REPLY, LOAD, LOADED, LOAD_FAILED, READY, SHUTDOWN } from './channel.mjs';
import { Call } from './call.mjs';
import { HostCalls } from './context.mjs';
import { LoadError, load, plan } from './loading.mjs';
import { install } from './output.mjs';
import { fault } from './faults.mjs';

const DEFAULT_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Takes frames and hands them on. */
export class Server {
  #calls = new Map();
  #plans = new Map();
  #module = null;

  constructor(channel) {
    this.channel = channel;
    this.host = new HostCalls(channel);
    this.outputBytes = DEFAULT_OUTPUT_BYTES;
  }

  /** Serves until SHUTDOWN or the end of the pipe. */
  run() {
    install();
    // One call's forgotten promise must not end the calls beside it.
    process.on('unhandledRejection', (error) => console.error('unhandled rejection:', error));
    this.channel.read((type, number, payload) => this.#frame(type, number, payload), () => process.exit(0));
    this.channel.send(READY, 0, JSON.stringify({ language: 'javascript', version: process.versions.node, pid: process.pid }));
  }

  /** A call has its answer. */
  done(number) {
    this.#calls.delete(number);
  }

  #frame(type, number, payload) {
    if (type === CALL) return this.#call(number, payload);
    const body = payload.length > 0 ? JSON.parse(payload.toString('utf8')) : {};
    switch (type) {
      case CANCEL: return this.#calls.get(number)?.cancel(body.reason ?? 'cancelled');
      case HOST_REPLY: return this.host.reply(body);
      case LOAD: return this.#load(body);
      case SHUTDOWN: return process.exit(0);
      default: return console.error(`toolruntime: frame of unknown type ${type} ignored`);
    }
  }

  #call(number, payload) {
    const end = 4 + payload.readUInt32LE(0);
    const head = JSON.parse(payload.toString('utf8', 4, end));
    let found = this.#plans.get(head.entry);
    if (found === undefined) {
      try {
        found = plan(this.#module, head.entry);
        this.#plans.set(head.entry, found);
      } catch (error) {
        return this.channel.send(ERROR, number, fault('LoadFailed', error.message, error.detail));
      }
    }
    const call = new Call(this, number, head, payload.length > end ? payload.toString('utf8', end) : '{}');
    this.#calls.set(number, call);
    return call.run(found);
  }

  async #load(request) {
    this.outputBytes = request.outputBytes ?? DEFAULT_OUTPUT_BYTES;
    try {
      const loaded = await load(request);
      this.#module = loaded.exports;
      this.channel.send(LOADED, 0, JSON.stringify(loaded.answer));
    } catch (error) {
      const body = error instanceof LoadError ? error.body() : { message: String(error), detail: String(error?.stack ?? '') };
      this.channel.send(LOAD_FAILED, 0, JSON.stringify(body));
    }
  }
}
