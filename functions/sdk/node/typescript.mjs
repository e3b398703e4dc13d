// TypeScript by Node's own type stripping; enums, namespaces and parameter properties are transformed.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What was stripped at deploy, a layer of the version: the stripper takes 0.1 s to start, which no call then pays. */
const STRIPPED = '/layers/assemblies/modules.json';

let folder = '';
let ready = {};
const seen = {};

/** From here on the .ts, .mts and .cts files of a package load. */
export function install(root) {
  folder = root;
  if (existsSync(STRIPPED)) ready = JSON.parse(readFileSync(STRIPPED, 'utf8'));
  registerHooks({ resolve, load });
}

/** Writes what was loaded since, for the host to make a layer of. */
export function keep(output) {
  mkdirSync(output, { recursive: true });
  const sorted = Object.fromEntries(Object.entries(seen).sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(join(output, 'modules.json'), JSON.stringify(sorted));
}

/** `./other.js` and `./other` mean `./other.ts` where only that exists, as the compiler has it. */
function resolve(specifier, context, next) {
  try {
    return next(specifier, context);
  } catch (error) {
    if (!/^\.{0,2}\//.test(specifier)) throw error;
    for (const candidate of [specifier.replace(/\.([mc]?)js$/, '.$1ts'), `${specifier}.ts`, `${specifier}/index.ts`]) {
      try {
        return next(candidate, context);
      } catch {
        // The first error is the one to show.
      }
    }
    throw error;
  }
}

function load(url, context, next) {
  if (!/^file:.*\.[mc]?ts$/.test(url)) return next(url, context);
  const path = fileURLToPath(url);
  const name = relative(folder, path);
  const source = ready[name] ?? strip(readFileSync(path, 'utf8'), url);
  seen[name] = source;
  if (/^\/\/# sourceMappingURL=/m.test(source)) process.setSourceMapsEnabled(true);
  const isCommonJs = url.endsWith('.cts') || (/\bmodule\.exports\b/.test(source) && !/^\s*(?:import|export)\b/m.test(source));
  return { format: isCommonJs ? 'commonjs' : 'module', source, shortCircuit: true };
}

/** Stripping keeps every position; what cannot be stripped is transformed, with a map for the stacks. */
function strip(source, url) {
  try {
    return silently(() => stripTypeScriptTypes(source));
  } catch (error) {
    if (error.code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw located(error, url);
    return stripTypeScriptTypes(source, { mode: 'transform', sourceMap: true, sourceUrl: url });
  }
}

/** The parser's error names no file, only a line, in the first line of its stack. */
function located(error, url) {
  const line = /^[^\n]*:(\d+)\n/.exec(error.stack)?.[1] ?? 1;
  const found = new SyntaxError(error.message, { cause: error });
  found.stack = `${fileURLToPath(url)}:${line}\n${found.stack}`;
  return found;
}

/** The API is marked experimental, which is no news to the user. */
function silently(action) {
  const original = process.emitWarning;
  process.emitWarning = () => undefined;
  try {
    return action();
  } finally {
    process.emitWarning = original;
  }
}
