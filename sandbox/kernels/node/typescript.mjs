// TypeScript by Node's own type stripping; enums, namespaces and parameter properties are transformed.

import { stripTypeScriptTypes } from 'node:module';
import { NotParsed } from './errors.mjs';

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
    return silently(() => stripTypeScriptTypes(code, { mode: 'transform' }));
  } catch (error) {
    throw new NotParsed(error, name, code);
  }
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
