// Frames on a pair of pipes: u32 length, u8 type, u32 call, payload; little-endian.

import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

export const LOAD = 1, CALL = 2, CANCEL = 3, HOST_REPLY = 4, SHUTDOWN = 5;
export const READY = 16, LOADED = 17, LOAD_FAILED = 18, RESULT = 19, ERROR = 20, OUTPUT = 21, PROGRESS = 22,
  LOG = 23, CHECKPOINT = 24, HOST_CALL = 25;

export const MAXIMUM_PAYLOAD = 64 * 1024 * 1024;
const HEADER = 9;
const AFTER_LENGTH = 5;
const READ_SIZE = 64 * 1024;
const MOST_BYTES_OF_A_CHARACTER = 3;

/** Reads by the event loop; writes at once and in whole frames, so that a slow host slows the worker and nothing piles up. */
export class Channel {
  #in;
  #out;
  #scratch = Buffer.allocUnsafe(READ_SIZE);
  #pending = null;

  constructor(descriptorIn, descriptorOut) {
    this.#in = descriptorIn;
    this.#out = descriptorOut;
  }

  /** Calls onFrame(type, call, payload) for each frame, and onEnd at the end. The payload is valid during the call only. */
  read(onFrame, onEnd) {
    const buffer = Buffer.allocUnsafe(READ_SIZE);
    const socket = new Socket({
      fd: this.#in,
      readable: true,
      writable: false,
      onread: { buffer, callback: (count) => { this.#take(buffer.subarray(0, count), onFrame); return true; } },
    });
    socket.on('end', onEnd).on('error', onEnd);
    socket.resume();
  }

  /** Writes one frame whose payload is text. */
  send(type, call, text) {
    if (text.length * MOST_BYTES_OF_A_CHARACTER <= READ_SIZE - HEADER) {
      const length = this.#scratch.utf8Write(text, HEADER);
      this.#header(this.#scratch, length, type, call);
      return this.#write(this.#scratch, HEADER + length);
    }
    const length = Buffer.byteLength(text);
    if (length > MAXIMUM_PAYLOAD) {
      throw new RangeError(`${length} bytes, at most ${MAXIMUM_PAYLOAD} are carried`);
    }
    const frame = Buffer.allocUnsafe(HEADER + length);
    frame.utf8Write(text, HEADER);
    this.#header(frame, length, type, call);
    return this.#write(frame, frame.length);
  }

  #header(frame, length, type, call) {
    frame.writeUInt32LE(length + AFTER_LENGTH, 0);
    frame[4] = type;
    frame.writeUInt32LE(call, 5);
  }

  #write(frame, length) {
    for (let at = 0; at < length;) {
      try {
        at += writeSync(this.#out, frame, at, length - at);
      } catch (error) {
        if (error.code === 'EPIPE') process.exit(0);
        if (error.code !== 'EAGAIN') throw error;
        Atomics.wait(pause, 0, 0, 1);
      }
    }
  }

  #take(chunk, onFrame) {
    let data = this.#pending === null ? chunk : this.#append(chunk);
    if (data === null) return;
    while (data.length >= HEADER) {
      const length = data.readUInt32LE(0);
      if (length < AFTER_LENGTH || length > MAXIMUM_PAYLOAD + AFTER_LENGTH) throw new RangeError(`frame of ${length} bytes`);
      const end = 4 + length;
      if (data.length < end) break;
      onFrame(data[4], data.readUInt32LE(5), data.subarray(HEADER, end));
      data = data.subarray(end);
    }
    if (data.length > 0) this.#keep(data);
  }

  #keep(data) {
    const whole = data.length >= HEADER ? 4 + data.readUInt32LE(0) : HEADER;
    const held = Buffer.allocUnsafe(Math.max(whole, READ_SIZE * 2));
    data.copy(held);
    this.#pending = { held, size: data.length, whole };
  }

  /** What was kept together with the chunk, or null while a frame is not whole. */
  #append(chunk) {
    const pending = this.#pending;
    if (pending.size + chunk.length > pending.held.length) {
      const larger = Buffer.allocUnsafe(pending.size + chunk.length + READ_SIZE);
      pending.held.copy(larger, 0, 0, pending.size);
      pending.held = larger;
    }
    chunk.copy(pending.held, pending.size);
    pending.size += chunk.length;
    if (pending.size < pending.whole) return null;
    this.#pending = null;
    return pending.held.subarray(0, pending.size);
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4));
