// Whose turn the main thread has, shared by both threads: code of a cell may be broken off, the kernel's own may not.

const TURN = 0, RUNNING = 1, ENDED = 2, INTERRUPTED = 3, HEARD = 4;
const KERNEL = 0, CELL = 1, BREAKING = 2, BROKEN = 3;
const LONGEST_BREAK_MS = 500;

/** The state of the main thread. */
export class Turn {
  #words;

  constructor(shared = new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  /** Main thread: a cell waits for its turn. */
  hear(cell) {
    Atomics.store(this.#words, HEARD, cell);
  }

  /** Main thread: from here on the code of a cell runs. */
  begin(cell) {
    Atomics.store(this.#words, RUNNING, cell);
    Atomics.store(this.#words, TURN, CELL);
  }

  /** Main thread: the cell is over. */
  end(cell) {
    Atomics.store(this.#words, RUNNING, 0);
    Atomics.store(this.#words, ENDED, cell);
  }

  /** Main thread: from here on it is idle, and what cells have left behind may be broken off. */
  rest() {
    Atomics.store(this.#words, TURN, CELL);
  }

  /** Main thread: from here on the kernel's own code runs. Where a break is on its way it is awaited, and ends this very stack. Returns what leave takes. */
  enter() {
    for (;;) {
      const turn = Atomics.load(this.#words, TURN);
      if (turn === BREAKING && Atomics.wait(this.#words, TURN, BREAKING, LONGEST_BREAK_MS) !== 'timed-out') continue;
      if (Atomics.compareExchange(this.#words, TURN, turn, KERNEL) === turn) return turn;
    }
  }

  /** Main thread: the turn is whose it was. */
  leave(turn) {
    Atomics.store(this.#words, TURN, turn === CELL ? CELL : KERNEL);
  }

  /** Whether it was heard that a cell shall end. */
  isInterrupted(cell) {
    return Atomics.load(this.#words, INTERRUPTED) === cell;
  }

  /** Reader: a cell shall end. */
  interrupt(cell) {
    Atomics.store(this.#words, INTERRUPTED, cell);
  }

  /** Reader: whether what an interrupted cell has left behind may keep the main thread from its next. */
  get isHaunted() {
    const ended = Atomics.load(this.#words, ENDED);
    return ended > 0 && this.isInterrupted(ended);
  }

  /** Reader: whether the main thread knows of a cell. */
  hasHeard(cell) {
    return Atomics.load(this.#words, HEARD) >= cell;
  }

  /** Reader: whether a cell is over. */
  hasEnded(cell) {
    return Atomics.load(this.#words, ENDED) >= cell;
  }

  /** Reader: takes the right to break off what runs; false while that is the kernel's own code or another cell. */
  tryBreak(cell) {
    const running = Atomics.load(this.#words, RUNNING);
    return (running === cell || running === 0) && Atomics.compareExchange(this.#words, TURN, CELL, BREAKING) === CELL;
  }

  /** Reader: the main thread was broken off. */
  broken() {
    Atomics.compareExchange(this.#words, TURN, BREAKING, BROKEN);
    Atomics.notify(this.#words, TURN);
  }
}
