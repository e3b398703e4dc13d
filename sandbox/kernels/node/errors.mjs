// Errors of a cell: the user's frames and lines, nothing of the kernel.

import { SourceMap } from 'node:module';
import { inspect } from 'node:util';

const OWN_FOLDER = new URL('.', import.meta.url).href;
const OWN_FRAME = /^\s+at .*(?:node:|evalmachine)/;
const FRAME = /\n\s+at /;
const CELL_FRAME = /\bcell-\d+:/;
const PLACE = /(?<=^ {4}at .*)\b(cell-\d+):(\d+):(\d+)/gm;
const maps = new Map();

/** Lets no stack name what runs cells, wherever it is read, and gives the lines of cells that were transformed as they were written. */
export function hideKernel() {
  const usual = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => {
    const stack = usual(error, frames.filter((frame, at) => !isOwn(frame) && (frame.getFileName() || at === 0 || !isOwn(frames[at - 1]))));
    return maps.size === 0 ? stack : stack.replace(PLACE, asWritten);
  };
}

/** From here on the lines of a cell are those that a source map tells. */
export function mapLines(name, map) {
  maps.set(name, new SourceMap(map));
}

/** Whether V8 could not read a cell. */
export function isNotParsed({ exceptionDetails }) {
  const { className, description } = exceptionDetails?.exception ?? {};
  return className === 'SyntaxError' && !FRAME.test(description);
}

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
  constructor(value, details, name, code) {
    this.value = value;
    this.details = details;
    this.name = name;
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

function describeThrown({ value, details, name, code }) {
  if (!(value instanceof Error)) return event('Error', text(value), `Uncaught ${text(value)}`);
  if (!(value instanceof SyntaxError) || FRAME.test(value.stack ?? '')) return event(nameOf(value), messageOf(value), stackOf(value));
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

function isOwn(frame) {
  const file = frame.getFileName() ?? '';
  return file.startsWith(OWN_FOLDER) || file === 'node:inspector';
}

function asWritten(place, name, line, column) {
  const entry = maps.get(name)?.findEntry(line - 1, column - 1);
  return entry?.originalLine === undefined ? place : `${name}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function text(value) {
  return typeof value === 'string' ? value : inspect(value);
}
