// What a cell and the programs that it starts print, as events in the order of writing.

import { StringDecoder } from 'node:string_decoder';
import { EVENT } from './frames.mjs';
import { captureChildren } from './children.mjs';
import { SystemExit } from './errors.mjs';

const PIECE = 64 * 1024;

/** Turns text into events; bounded by nothing, for the pipe to the host blocks. */
export class Output {
  #channel;
  #call = 0;

  constructor(channel) {
    this.#channel = channel;
  }

  /** Directs process.stdout and process.stderr, and with them console, and the inherited output of child processes here. */
  install() {
    for (const name of ['stdout', 'stderr']) {
      const decoder = new StringDecoder('utf8');
      const write = (chunk, encoding, callback) => {
        this.write(name, typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)));
        const done = typeof encoding === 'function' ? encoding : callback;
        if (done) process.nextTick(done);
        return true;
      };
      process[name].write = write;
    }
    process.exit = (code) => { throw new SystemExit(code ?? process.exitCode ?? 0); };
    captureChildren(this);
  }

  /** What comes from here on belongs to a call. */
  begin(call) {
    this.#call = call;
  }

  /** What comes later belongs to no call. */
  end() {
    this.#call = 0;
  }

  /** Sends text: one write is one event. */
  write(stream, text) {
    for (let at = 0; at < text.length; at += PIECE) this.event({ type: stream, text: text.slice(at, at + PIECE) });
  }

  /** Sends an event. */
  event(event) {
    this.#channel.send(EVENT, this.#call, event);
  }
}
