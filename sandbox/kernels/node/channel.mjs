// Frames in and out: a thread reads them, and each is written at once.

import { writeSync } from 'node:fs';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { AFTER_LENGTH, HEADER, MAXIMUM_PAYLOAD } from './frames.mjs';

const SCRATCH = 256 * 1024;
const MOST_BYTES_OF_A_CHARACTER = 3;

/** Writes at once and in whole frames, so that a slow host slows the cell and nothing piles up. */
export class Channel {
  #out;
  #turn;
  #scratch = Buffer.allocUnsafe(SCRATCH);
  #exit = process.reallyExit.bind(process);

  constructor(descriptor, turn) {
    this.#out = descriptor;
    this.#turn = turn;
  }

  /** Calls onFrame({ type, call, body, cell }) for each frame that comes on a descriptor; the reader has numbered the cells. */
  read(descriptor, onFrame) {
    const workerData = { descriptor, shared: this.#turn.shared };
    const reader = new Worker(new URL('./reader.mjs', import.meta.url), { workerData, env: SHARE_ENV });
    reader.on('message', onFrame);
  }

  /** Writes one frame whose payload is a value as JSON. */
  send(type, call, value) {
    const text = JSON.stringify(value);
    if (text.length * MOST_BYTES_OF_A_CHARACTER <= SCRATCH - HEADER) {
      return this.#write(this.#scratch, this.#scratch.utf8Write(text, HEADER), type, call);
    }
    const length = Buffer.byteLength(text);
    if (length > MAXIMUM_PAYLOAD) throw new RangeError(`${length} bytes, at most ${MAXIMUM_PAYLOAD} are carried`);
    const frame = Buffer.allocUnsafe(HEADER + length);
    return this.#write(frame, frame.utf8Write(text, HEADER), type, call);
  }

  /** Ends the process, whatever the cell made of process.exit. */
  exit(code) {
    this.#exit(code);
  }

  #write(frame, length, type, call) {
    frame.writeUInt32LE(length + AFTER_LENGTH, 0);
    frame[4] = type;
    frame.writeUInt32LE(call, 5);
    const turn = this.#turn.enter();
    for (let at = 0; at < HEADER + length;) {
      try {
        at += writeSync(this.#out, frame, at, HEADER + length - at);
      } catch (error) {
        if (error.code === 'EPIPE') this.#exit(0);
        if (error.code !== 'EAGAIN') throw error;
        Atomics.wait(pause, 0, 0, 1);
      }
    }
    this.#turn.leave(turn);
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
