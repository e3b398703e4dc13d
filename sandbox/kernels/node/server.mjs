// Frames in, cells run one after the other, DONE out.

import { Channel } from './channel.mjs';
import { describe, hideKernel, Interrupted } from './errors.mjs';
import { DONE, EXECUTE, INTERRUPT, READY, RESTORED, SHUTDOWN } from './frames.mjs';
import { refuseQuestions } from './input.mjs';
import { active, untilLeft } from './left.mjs';
import { Output } from './output.mjs';
import { reseed } from './random.mjs';
import { Session } from './session.mjs';
import { Turn } from './turn.mjs';

/** One kernel. */
export class Server {
  #channel;
  #output;
  #session;
  #isTypeScript;
  #waiting = [];
  #turn = new Turn();
  #running = null;
  #latest = 0;
  #isSignalled = false;

  constructor(descriptorOut, isTypeScript) {
    this.#channel = new Channel(descriptorOut, this.#turn);
    this.#isTypeScript = isTypeScript;
    this.#output = new Output(this.#channel);
    this.#session = new Session(this.#output, isTypeScript);
  }

  /** Serves what comes on a descriptor, until SHUTDOWN or its end. */
  run(descriptorIn) {
    this.#channel.read(descriptorIn, (frame) => this.#frame(frame));
    hideKernel();
    refuseQuestions();
    this.#output.install();
    this.#session.install();
    // What a cell left behind must end neither the kernel nor the cells after it.
    process.on('unhandledRejection', (error) => this.#complain('Uncaught (in promise)', error));
    process.on('uncaughtException', (error) => this.#complain('Uncaught', error));
    // It is for the programs that a cell has started.
    process.on('SIGINT', () => { this.#isSignalled = true; });
    const language = this.#isTypeScript ? 'typescript' : 'javascript';
    this.#channel.send(READY, 0, { language, version: process.versions.node, pid: process.pid });
    setImmediate(() => this.#session.warmUp());
  }

  #frame(frame) {
    switch (frame.type) {
      case EXECUTE: return this.#take(frame);
      case INTERRUPT: return this.#end(frame.cell, new Interrupted());
      case RESTORED: return reseed(frame.body);
      case SHUTDOWN: return this.#channel.exit(0);
      default: return undefined;
    }
  }

  // One that was broken off comes again.
  #take(frame) {
    const turn = this.#turn.enter();
    if (frame.cell > this.#latest) {
      this.#latest = frame.cell;
      this.#turn.hear(frame.cell);
      this.#waiting.push(frame);
    }
    this.#turn.leave(turn);
    this.#next();
  }

  #next() {
    if (this.#running !== null || this.#waiting.length === 0) return;
    this.#turn.enter();
    const { call, cell, body: { code, env, cwd } } = this.#waiting.shift();
    const before = Object.fromEntries(Object.keys(env ?? {}).map((name) => [name, process.env[name]]));
    this.#running = { call, cell, before };
    this.#isSignalled = false;
    this.#output.begin(call);
    Object.assign(process.env, env);
    // An interrupt ends all that stands on this stack: the end of a cell hangs on nothing that comes after it.
    // A signal that came before an error is known one turn later.
    this.#execute(cell, code, cwd).then(() => this.#end(cell), (error) => setImmediate(() => this.#end(cell, error)));
  }

  async #execute(cell, code, cwd) {
    if (cwd) process.chdir(cwd);
    const before = active();
    const isRunning = () => this.#running?.cell === cell;
    this.#turn.begin(cell);
    await this.#session.execute(code, isRunning);
    if (isRunning()) await untilLeft(before);
    // A rejection that nobody handles is known one turn later, and belongs to this cell.
    await new Promise(setImmediate);
  }

  /** Once, whether the cell came to its end or an interrupt came. */
  #end(cell, error) {
    if (this.#running?.cell !== cell) return;
    this.#turn.enter();
    const { call, before } = this.#running;
    this.#running = null;
    // What fails because its children were interrupted was interrupted.
    const isInterrupted = error !== undefined && (this.#isSignalled || this.#turn.isInterrupted(cell));
    if (error !== undefined) this.#output.event(describe(isInterrupted ? new Interrupted() : error));
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    this.#output.end();
    // Before the host hears of it: what it sends then must find the cell ended.
    this.#turn.end(cell);
    this.#channel.send(DONE, call, { execution_count: this.#session.count });
    setImmediate(() => this.#next());
    this.#turn.rest();
  }

  #complain(what, error) {
    const { traceback } = describe(error);
    this.#output.write('stderr', `${what} ${traceback}\n`);
  }
}
