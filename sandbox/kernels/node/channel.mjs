// Frames on a pair of pipes: u32 length, u8 type, u32 call, payload; little-endian.

import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

export const EXECUTE = 2, SHUTDOWN = 5, RESTORED = 6, READY = 16, DONE = 19, EVENT = 21;

const MAXIMUM_PAYLOAD = 64 * 1024 * 1024;
const HEADER = 9;
const AFTER_LENGTH = 5;
const SCRATCH = 256 * 1024;
const MOST_BYTES_OF_A_CHARACTER = 3;

/** Reads by the event loop; writes at once and in whole frames, so that a slow host slows the cell and nothing piles up. */
export class Channel {
  #in;
  #out;
  #pending = Buffer.alloc(0);
  #scratch = Buffer.allocUnsafe(SCRATCH);
  #exit = process.reallyExit.bind(process);

  constructor(descriptorIn, descriptorOut) {
    this.#in = descriptorIn;
    this.#out = descriptorOut;
  }

  /** Calls onFrame(type, call, body) for each frame; the process ends with the pipe. */
  read(onFrame) {
    const socket = new Socket({ fd: this.#in, readable: true, writable: false });
    socket.on('data', (chunk) => this.#take(chunk, onFrame));
    socket.on('end', () => this.#exit(0)).on('error', () => this.#exit(0));
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
    for (let at = 0; at < HEADER + length;) {
      try {
        at += writeSync(this.#out, frame, at, HEADER + length - at);
      } catch (error) {
        if (error.code === 'EPIPE') this.#exit(0);
        if (error.code !== 'EAGAIN') throw error;
        Atomics.wait(pause, 0, 0, 1);
      }
    }
  }

  #take(chunk, onFrame) {
    let data = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    while (data.length >= HEADER) {
      const length = data.readUInt32LE(0);
      if (length < AFTER_LENGTH || length > MAXIMUM_PAYLOAD + AFTER_LENGTH) throw new RangeError(`frame of ${length} bytes`);
      if (data.length < 4 + length) break;
      const payload = data.subarray(HEADER, 4 + length);
      onFrame(data[4], data.readUInt32LE(5), payload.length > 0 ? JSON.parse(payload.toString('utf8')) : {});
      data = data.subarray(4 + length);
    }
    this.#pending = data;
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
