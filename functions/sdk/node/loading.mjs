// LOAD: environment, the user's module, its exported functions.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, trace } from './faults.mjs';
import { namesOf, parseEntry, planOf } from './parameters.mjs';

/** The function cannot be loaded: what, where and how to mend. */
export class LoadError extends Error {
  constructor(message, detail = '', line = undefined) {
    super(message);
    this.detail = detail;
    this.line = line;
  }

  /** The payload of LOAD_FAILED. */
  body() {
    return { message: this.message, detail: this.detail, line: this.line };
  }
}

/** Imports the entry file; {exports, answer}; throws LoadError. */
export async function load(request) {
  Object.assign(process.env, request.environment ?? {});
  const path = join(request.root, request.entry);
  process.argv[1] = path;
  if (!existsSync(path)) throw new LoadError(`${request.entry}: no such file in the package`);
  const exports = await importModule(path, request);
  if (request.output && isTypeScript(path)) (await import('./typescript.mjs')).keep(request.output);
  if (!request.inspect) return { exports, answer: {} };
  const { inspect } = await import('./inspector.mjs');
  return { exports, answer: await inspect(exports, path, request) };
}

/** How to call what an entry names; throws LoadError. */
export function plan(exports, entry) {
  if (exports === null) throw new LoadError('no function is loaded');
  const { path, names } = parseEntry(entry ?? '');
  let receiver;
  let target = exports;
  for (const part of path.split('.')) {
    receiver = target;
    target = target?.[part];
  }
  if (typeof target !== 'function') throw new LoadError(`the module exports no function '${path}'`);
  return planOf(target, receiver, names ?? namesOf(target));
}

/** The exported functions as [path, function], without repetition, in order. */
export function exportedFunctions(exports) {
  const found = new Map();
  const add = (path, value) => {
    if (typeof value === 'function' && !isClass(value) && !path.split('.').at(-1).startsWith('_')) found.set(value, path);
  };
  for (const [name, value] of Object.entries(exports)) {
    // Node names the whole of a CommonJS module so, beside its members.
    if (name === 'default' || name === 'module.exports') continue;
    add(name, value);
  }
  const main = exports.default;
  if (typeof main === 'function' && !found.has(main)) add('default', main);
  if (main !== null && typeof main === 'object') {
    for (const [name, value] of Object.entries(main)) if (!found.has(value)) add(`default.${name}`, value);
  }
  return [...found].map(([value, path]) => [path, value]);
}

/** A tool's name by its export: the default export is called as its function or file. */
export function toolName(path, target, entry) {
  const last = path.split('.').at(-1);
  if (last !== 'default') return last;
  return target.name && target.name !== 'default' ? target.name : basename(entry, extname(entry)).replace(/[^A-Za-z0-9_.-]/g, '_');
}

async function importModule(path, request) {
  try {
    if (isTypeScript(path)) (await import('./typescript.mjs')).install(request.root);
    if (/\.c[jt]s$/.test(path)) return { default: createRequire(path)(path) };
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw importError(error, path, request);
  }
}

function isTypeScript(path) {
  return /\.[mc]?ts$/.test(path);
}

function importError(error, path, request) {
  const at = place(error?.stack, request.root) ?? (error instanceof SyntaxError ? place(check(path), request.root) : null);
  const where = at ? `${relative(request.root, at.file)}:${at.line}` : request.entry;
  // Where the layer is mounted says nothing to its author: files are named from the package's root.
  let message = `${where}: ${describe(error).replaceAll(`${request.root}/`, '')}`;
  if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND') {
    message += '. Name the package in package.json beside the file';
  }
  return new LoadError(message, trace(error), at?.line);
}

/** The first place of the user's own files in a stack: a syntax error stands alone in its first line. */
function place(stack, root) {
  for (const line of String(stack ?? '').split('\n')) {
    const match = /(?:\(|at |^)((?:file:\/\/)?\/[^():]+):(\d+)/.exec(line);
    if (match === null) continue;
    const file = match[1].startsWith('file://') ? fileURLToPath(match[1]) : match[1];
    if (file.startsWith(root)) return { file, line: Number(match[2]) };
  }
  return null;
}

/** Node tells the line of a module's syntax error only to its own stderr. */
function check(path) {
  return spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 10_000 }).stderr;
}

function isClass(value) {
  return /^class\b/.test(Function.prototype.toString.call(value));
}
