// TypeScript by Node's own type stripping; enums, namespaces and parameter properties are transformed. What V8 has not yet is left to the compiler.

import { createRequire, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { mapLines, NotParsed } from './errors.mjs';
import { IMAGE_PACKAGES } from './modules.mjs';

const NOT_YET = /@[\w$(]|\b(?:accessor|using)\b/;
// The two kinds of decorators look the same where they are used.
const STANDARD_DECORATORS = /\bClass\w*Decorator\w*|\baddInitializer\b/;
const MAP = /\n\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([\w+/=]+)\s*$/;

/** The stripper takes 0.1 s to start. */
export function warmUp() {
  silently(() => stripTypeScriptTypes('let warm: number = 0'));
}

/** JavaScript of a cell. */
export function javaScriptOf(code, name) {
  try {
    return silently(() => stripTypeScriptTypes(code));
  } catch (error) {
    if (error.code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw new NotParsed(error, name, code);
  }
  try {
    return mapped(silently(() => stripTypeScriptTypes(code, { mode: 'transform', sourceMap: true })), name);
  } catch (error) {
    throw new NotParsed(error, name, code);
  }
}

/** JavaScript without decorators and the like, by the image's own compiler; undefined where there is none, or nothing for it to do. */
export function loweredOf(code, name) {
  const compiler = NOT_YET.test(code) ? compilerOf(join(IMAGE_PACKAGES, 'typescript')) : undefined;
  if (compiler === undefined) return undefined;
  const experimentalDecorators = !STANDARD_DECORATORS.test(code);
  const options = { target: 'es2022', module: 'esnext', verbatimModuleSyntax: true, inlineSourceMap: true };
  const compilerOptions = { ...options, experimentalDecorators, useDefineForClassFields: !experimentalDecorators };
  return mapped(compiler.transpileModule(code, { compilerOptions }).outputText, name);
}

function compilerOf(path) {
  try {
    return createRequire(import.meta.url)(path);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function mapped(text, name) {
  const found = MAP.exec(text);
  if (found === null) return text;
  mapLines(name, JSON.parse(Buffer.from(found[1], 'base64').toString()));
  return text.slice(0, found.index);
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
