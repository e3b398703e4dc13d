// The thread that reads frames, which hears an interrupt also while a cell keeps the main thread busy.
// V8 then ends whatever runs there, down to the event loop; the main thread's next event says that the call was interrupted.

import { Session } from 'node:inspector';
import { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { AFTER_LENGTH, EXECUTE, HEADER, INTERRUPT, MAXIMUM_PAYLOAD, SHUTDOWN } from './frames.mjs';
import { Turn } from './turn.mjs';

// An idle main thread heeds what it is told well within the first; the message that a break has eaten is repeated with the second.
const LOOK_MS = 5;
const LOOKS_OF_A_MESSAGE = 10;
const MOST_LOOKS = 400;
const MOST_CELLS = 64;
// What an interrupted cell has left behind shows itself before the next begins, and is broken off.
const REST_MS = 20;

const turn = new Turn(workerData.shared);
const session = new Session();
// Calls are numbered by each host anew: within the kernel a cell has a number that never comes again.
const cells = new Map();
let latest = 0;
let interrupting = 0;
let pending = Buffer.alloc(0);

session.connectToMainThread();
new Socket({ fd: workerData.descriptor, readable: true, writable: false })
  .on('data', take)
  .on('end', () => parentPort.postMessage({ type: SHUTDOWN }))
  .on('error', () => parentPort.postMessage({ type: SHUTDOWN }));

function take(chunk) {
  let data = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
  while (data.length >= HEADER) {
    const length = data.readUInt32LE(0);
    if (length < AFTER_LENGTH || length > MAXIMUM_PAYLOAD + AFTER_LENGTH) throw new RangeError(`frame of ${length} bytes`);
    if (data.length < 4 + length) break;
    const [type, call, payload] = [data[4], data.readUInt32LE(5), data.subarray(HEADER, 4 + length)];
    hand({ type, call, body: payload.length > 0 ? JSON.parse(payload.toString('utf8')) : {} });
    data = data.subarray(4 + length);
  }
  pending = data;
}

function hand(frame) {
  if (frame.type === INTERRUPT) return interrupt(cells.get(frame.call));
  if (frame.type !== EXECUTE) return parentPort.postMessage(frame);
  const cell = ++latest;
  cells.delete(frame.call);
  cells.set(frame.call, cell);
  if (cells.size > MOST_CELLS) cells.delete(cells.keys().next().value);
  if (turn.isHaunted) return setTimeout(insist, REST_MS, { ...frame, cell }, () => turn.hasHeard(cell));
  return parentPort.postMessage({ ...frame, cell });
}

function interrupt(cell) {
  if (cell === undefined || cell === interrupting) return;
  interrupting = cell;
  turn.interrupt(cell);
  insist({ type: INTERRUPT, cell }, () => turn.hasEnded(cell));
}

/** Tells the main thread until it has heeded it; where that is busy, breaks off what it does. */
function insist(frame, isHeeded, looks = 0) {
  if (isHeeded() || looks > MOST_LOOKS) {
    if (frame.cell === interrupting) interrupting = 0;
    return;
  }
  if (looks % LOOKS_OF_A_MESSAGE === 0) parentPort.postMessage(frame);
  else if (turn.tryBreak(frame.cell)) session.post('Runtime.terminateExecution', () => turn.broken());
  setTimeout(insist, LOOK_MS, frame, isHeeded, looks + 1);
}
