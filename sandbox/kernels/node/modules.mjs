// Imports and require of cells: they look from the working directory, then among the image's own packages.

import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the image's own packages are. */
export const IMAGE_PACKAGES = '/usr/local/lib/node_modules';
const OWN = import.meta.url;
// A cell is run as a program's own file is.
const ownModule = { id: '.', exports: {}, loaded: false, children: [], paths: [], get filename() { return cellPath(); } };

/** Defines require, and lets imports of cells begin at the working directory. */
export function installModules() {
  registerHooks({ resolve });
  const define = (name, get) => Object.defineProperty(globalThis, name, { get, enumerable: false, configurable: true, set: (value) => redefine(name, value) });
  define('require', requireHere);
  define('__dirname', () => process.cwd());
  define('__filename', () => cellPath());
  define('module', () => ownModule);
  define('exports', () => ownModule.exports);
  importFrom.meta = () => ({ main: true, url: pathToFileURL(cellPath()).href, filename: cellPath(), dirname: process.cwd() });
}

/** The import() of cells; of names that are missing it says so, as an import does. */
export async function importFrom(specifier, options, names = []) {
  // Deno's way to name a package of npm.
  const name = String(specifier).replace(/^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]+)?/, '$1');
  const module = await import(name, options);
  const missing = names.find((each) => !(each in module));
  if (missing !== undefined) throw new SyntaxError(`The requested module '${specifier}' does not provide an export named '${missing}'`);
  return module;
}

function redefine(name, value) {
  Object.defineProperty(globalThis, name, { value, enumerable: false, configurable: true, writable: true });
}

function resolve(specifier, context, next) {
  if (context.parentURL !== OWN) return next(specifier, context);
  const here = { ...context, parentURL: pathToFileURL(cellPath()).href };
  try {
    return next(specifier, here);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^[./]|^\w+:/.test(specifier)) throw error;
    try {
      return next(specifier, { ...context, parentURL: pathToFileURL(join(IMAGE_PACKAGES, '..', 'cell.mjs')).href });
    } catch {
      throw error;
    }
  }
}

function requireHere() {
  const here = createRequire(cellPath());
  const require = (name) => {
    try {
      return here(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' || error.requireStack?.[0] !== cellPath()) throw error;
      try {
        return here(here.resolve(name, { paths: [IMAGE_PACKAGES] }));
      } catch {
        throw error;
      }
    }
  };
  return Object.assign(require, { resolve: here.resolve, cache: here.cache, main: ownModule });
}

function cellPath() {
  return join(process.cwd(), 'cell.mjs');
}
