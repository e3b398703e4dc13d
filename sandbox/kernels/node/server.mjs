// Frames in, cells run one after the other, DONE out.

import { DONE, EXECUTE, READY, RESTORED, SHUTDOWN } from './channel.mjs';
import { Output } from './output.mjs';
import { Session } from './session.mjs';
import { describe, Interrupted } from './errors.mjs';
import { reseed } from './random.mjs';

const LATE_INTERRUPT_MS = 20;

/** One kernel. */
export class Server {
  #channel;
  #output;
  #session;
  #isTypeScript;
  #waiting = [];
  #isRunning = false;
  #interrupt = null;

  constructor(channel, isTypeScript) {
    this.#channel = channel;
    this.#isTypeScript = isTypeScript;
    this.#output = new Output(channel);
    this.#session = new Session(this.#output, isTypeScript);
  }

  /** Serves until SHUTDOWN or the end of the pipe. */
  run() {
    this.#output.install();
    this.#session.install();
    // What a cell left behind must end neither the kernel nor the cells after it.
    process.on('unhandledRejection', (error) => this.#complain('Uncaught (in promise)', error));
    process.on('uncaughtException', (error) => this.#complain('Uncaught', error));
    process.on('SIGINT', () => this.#interrupt?.(new Interrupted()));
    this.#channel.read((type, call, body) => this.#frame(type, call, body));
    const language = this.#isTypeScript ? 'typescript' : 'javascript';
    this.#channel.send(READY, 0, { language, version: process.versions.node, pid: process.pid });
    setImmediate(() => this.#session.warmUp());
  }

  #frame(type, call, body) {
    switch (type) {
      case EXECUTE: this.#waiting.push({ call, body }); return this.#next();
      case RESTORED: return reseed(body);
      case SHUTDOWN: return this.#channel.exit(0);
      default: return undefined;
    }
  }

  async #next() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next; (next = this.#waiting.shift()) !== undefined;) await this.#execute(next.call, next.body);
    this.#isRunning = false;
  }

  async #execute(call, { code, env, cwd }) {
    // A signal that came before this cell is known one turn after it at the latest, and must meet nobody.
    await new Promise(setImmediate);
    this.#output.begin(call);
    const before = Object.fromEntries(Object.keys(env ?? {}).map((name) => [name, process.env[name]]));
    const interrupted = new Promise((_, reject) => { this.#interrupt = reject; });
    // It may come when nobody waits any longer.
    interrupted.catch(() => undefined);
    let isInterrupted = false;
    try {
      Object.assign(process.env, env);
      if (cwd) process.chdir(cwd);
      await this.#session.execute(code, interrupted);
      // A rejection that nobody handles is known one turn later, and belongs to this cell.
      await new Promise(setImmediate);
    } catch (error) {
      isInterrupted = error instanceof Interrupted;
      this.#output.event(describe(error));
    } finally {
      this.#interrupt = null;
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    this.#output.end();
    this.#channel.send(DONE, call, { execution_count: this.#session.count });
    // Interrupts are sent until they are heeded: one that was on its way must not meet the next cell.
    if (isInterrupted) await new Promise((resolve) => setTimeout(resolve, LATE_INTERRUPT_MS));
  }

  #complain(what, error) {
    const { traceback } = describe(error);
    this.#output.write('stderr', `${what} ${traceback}\n`);
  }
}
