// Errors of a cell: the user's frames and lines, nothing of the kernel.

import { inspect } from 'node:util';

const OWN_FOLDER = new URL('.', import.meta.url).href;
const OWN_FRAME = /^\s+at .*(?:node:|evalmachine)/;
const CELL_FRAME = /\bcell-\d+:/;

/** The cell was interrupted. */
export class Interrupted extends Error {
  constructor() {
    super('');
    this.name = 'KeyboardInterrupt';
    this.stack = 'KeyboardInterrupt';
  }
}

/** A cell called process.exit. */
export class SystemExit extends Error {
  constructor(code) {
    super(String(code));
    this.name = 'SystemExit';
  }
}

/** What a cell threw, which may be anything. */
export class Thrown {
  constructor(value, details, code) {
    this.value = value;
    this.details = details;
    this.code = code;
  }
}

/** A cell that is no TypeScript. */
export class NotParsed {
  constructor(error, name, code) {
    this.message = error.message;
    // The parser's error names its place only in the first lines of its stack.
    this.line = Number(/^[^\n]*:(\d+)\n/.exec(error.stack ?? '')?.[1] ?? 1);
    this.name = name;
    this.code = code;
  }
}

/** An error event. */
export function describe(error) {
  if (error instanceof NotParsed) return event('SyntaxError', error.message, `${place(error.name, error.line, error.code)}\nSyntaxError: ${error.message}`);
  if (error instanceof Thrown) return describeThrown(error);
  return event(nameOf(error), messageOf(error), stackOf(error));
}

function describeThrown({ value, details, code }) {
  if (!(value instanceof Error)) return event('Error', text(value), `Uncaught ${text(value)}`);
  const isOfCell = value instanceof SyntaxError && !/\n\s+at .*cell-\d+:/.test(value.stack ?? '');
  if (!isOfCell) return event(nameOf(value), messageOf(value), stackOf(value));
  const name = details.url || 'cell';
  return event('SyntaxError', value.message, `${place(name, details.lineNumber + 1, code, details.columnNumber)}\nSyntaxError: ${value.message}`);
}

function event(name, value, traceback) {
  return { type: 'error', name, value, traceback };
}

function place(name, line, code, column) {
  const shown = code.split('\n')[line - 1] ?? '';
  return `${name}:${line}\n${shown}${column === undefined ? '' : `\n${' '.repeat(Math.min(column, shown.length))}^`}`;
}

function stackOf(error) {
  const stack = typeof error?.stack === 'string' ? error.stack : text(error);
  const all = stack.split('\n').filter((line) => !OWN_FRAME.test(line) && !line.includes(OWN_FOLDER));
  // Below the last frame of a cell is what runs cells.
  const last = all.findLastIndex((line) => CELL_FRAME.test(line));
  const lines = last > 0 ? all.slice(0, last + 1) : all;
  const cause = error?.cause instanceof Error ? `\n[cause]: ${stackOf(error.cause)}` : '';
  const parts = (error instanceof AggregateError ? error.errors : []).map((part) => `\n[error]: ${stackOf(part)}`);
  return lines.join('\n').trimEnd() + cause + parts.join('');
}

function nameOf(error) {
  return typeof error?.name === 'string' && error.name !== '' ? error.name : 'Error';
}

function messageOf(error) {
  return typeof error?.message === 'string' ? error.message : text(error);
}

function text(value) {
  return typeof value === 'string' ? value : inspect(value);
}
