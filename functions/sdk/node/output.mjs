// What each call prints, as LOG frames of whole lines, bounded; what no call prints goes to the process's own streams.

import { AsyncLocalStorage } from 'node:async_hooks';
import { LOG } from './channel.mjs';

const COALESCE_MS = 20;
const COALESCE_CHARACTERS = 8 * 1024;
const LONGEST_LINE = 64 * 1024;
const LARGEST_PIECE = 1024 * 1024;

/** The Call that runs. */
export const currentCall = new AsyncLocalStorage();

/** What one call prints. A line waits for others at most 20 ms; after the budget there is one mark and then nothing. */
export class Output {
  #channel;
  #call;
  #limit;
  #left;
  #over = false;
  #text = { stdout: '', stderr: '' };
  #sent = 0;
  #timer = null;

  constructor(channel, call, limit) {
    this.#channel = channel;
    this.#call = call;
    this.#limit = this.#left = limit;
  }

  /** Takes printed text, in whole or part lines. */
  write(stream, text) {
    if (this.#over) return;
    this.#text[stream] += this.#charge(text);
    if (this.#over) {
      this.flush(true);
      this.#mark();
    } else if (this.#text[stream].length >= COALESCE_CHARACTERS) {
      this.flush(false);
    } else if (text.includes('\n')) {
      this.#due();
    }
  }

  /** One log line of a level, at once and after what was printed before it. */
  log(level, text) {
    this.flush(false);
    if (this.#over) return;
    this.#send('log', level, this.#charge(text));
    if (this.#over) this.#mark();
  }

  /** Sends everything; what comes after the call's end is not the call's. */
  finish() {
    this.flush(true);
    this.#over = true;
  }

  /** Sends the whole lines, or everything. */
  flush(everything) {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
    for (const stream of ['stdout', 'stderr']) {
      const text = this.#text[stream];
      if (text === '') continue;
      const end = everything || text.length > LONGEST_LINE ? text.length : text.lastIndexOf('\n') + 1;
      if (end === 0) continue;
      this.#text[stream] = text.slice(end);
      this.#send(stream, stream === 'stdout' ? 'info' : 'error', text.slice(0, end));
    }
  }

  #charge(text) {
    const part = text.length > this.#left ? text.slice(0, this.#left + 1) : text;
    const size = Buffer.byteLength(part);
    if (size <= this.#left) {
      this.#left -= size;
      return part;
    }
    const kept = Buffer.from(part).subarray(0, this.#left).toString('utf8').replace(/\uFFFD$/, '');
    this.#over = true;
    this.#left = 0;
    return kept;
  }

  #due() {
    if (this.#timer !== null) return;
    if (performance.now() - this.#sent >= COALESCE_MS) {
      this.flush(false);
    } else {
      this.#timer = setTimeout(() => { this.#timer = null; this.flush(false); }, COALESCE_MS);
    }
  }

  #mark() {
    this.#send('log', 'warning', `[output truncated after ${this.#limit} bytes]`);
  }

  #send(stream, level, text) {
    this.#sent = performance.now();
    for (let at = 0; at < text.length; at += LARGEST_PIECE) {
      this.#channel.send(LOG, this.#call, JSON.stringify({ stream, level, text: text.slice(at, at + LARGEST_PIECE) }));
    }
  }
}

/** Directs process.stdout and process.stderr, and with them console, to the call that prints. */
export function install() {
  for (const name of ['stdout', 'stderr']) {
    const stream = process[name];
    const original = stream.write.bind(stream);
    stream.write = (chunk, encoding, callback) => {
      const call = currentCall.getStore();
      if (call === undefined || call.isAnswered) return original(chunk, encoding, callback);
      call.output.write(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
  }
}
