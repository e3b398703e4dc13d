// The TypeScript compiler over one entry file.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { LoadError } from './loading.mjs';

const PLACES = ['/usr/local/lib/node_modules', '/usr/lib/node_modules'];

/** {ts, checker, find(path), signatureOf(symbol)} of an entry file. */
export function compile(path, root) {
  const ts = loadCompiler();
  const options = {
    allowJs: true, checkJs: true, noEmit: true, strict: true, skipLibCheck: true,
    target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true, resolveJsonModule: true, types: [], typeRoots: [], baseUrl: root,
  };
  const program = ts.createProgram([path], options, hostOf(ts, options));
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const module = source && checker.getSymbolAtLocation(source);
  const exported = module ? checker.getExportsOfModule(module) : [];
  return {
    ts,
    checker,
    find: (name) => find(ts, checker, module, exported, name),
    signatureOf: (symbol) => signatureOf(checker, source, symbol),
  };
}

/** The comments of the compiler's own libraries, most of their text, are not read: it halves the time that the program takes. */
function hostOf(ts, options) {
  const host = ts.createCompilerHost(options);
  const libraries = dirname(host.getDefaultLibFileName(options));
  const read = host.getSourceFile;
  host.getSourceFile = (name, mode, ...rest) => {
    const bare = dirname(name) === libraries ? { ...mode, jsDocParsingMode: ts.JSDocParsingMode.ParseNone } : mode;
    return read.call(host, name, bare, ...rest);
  };
  return host;
}

/** The JSON value of a literal expression, or undefined. */
export function literalOf(ts, node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken && ts.isNumericLiteral(node.operand)) {
    return -Number(node.operand.text);
  }
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return literalOf(ts, node.expression);
  if (ts.isArrayLiteralExpression(node)) return everything(node.elements.map((each) => literalOf(ts, each)));
  if (ts.isObjectLiteralExpression(node)) return objectOf(ts, node);
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword: return true;
    case ts.SyntaxKind.FalseKeyword: return false;
    case ts.SyntaxKind.NullKeyword: return null;
    default: return undefined;
  }
}

function objectOf(ts, node) {
  const found = {};
  for (const property of node.properties) {
    const value = ts.isPropertyAssignment(property) ? literalOf(ts, property.initializer) : undefined;
    if (value === undefined) return undefined;
    found[property.name.text] = value;
  }
  return found;
}

function everything(values) {
  return values.includes(undefined) ? undefined : values;
}

function loadCompiler() {
  const require = createRequire(import.meta.url);
  try {
    return require(require.resolve('typescript', { paths: [dirname(new URL(import.meta.url).pathname), ...PLACES, ...nodePath()] }));
  } catch (error) {
    throw new LoadError('the image has no npm package typescript, which reads the types of JavaScript and TypeScript functions. '
      + 'Add it to the npm list of the image recipe', String(error));
  }
}

function nodePath() {
  return (process.env.NODE_PATH ?? '').split(':').filter(Boolean);
}

/** The symbol of an export path such as `add` or `default.add`. */
function find(ts, checker, module, exported, path) {
  const parts = path.split('.');
  let symbol = exported.find((each) => each.name === parts[0]);
  if (symbol === undefined && parts[0] === 'default') {
    // CommonJS: the default is module.exports, whose members the compiler knows as the module's own.
    const assigned = module?.exports?.get('export=');
    if (parts.length === 1) return assigned ?? module;
    return exported.find((each) => each.name === parts[1]) ?? (assigned && checker.getTypeOfSymbol(assigned).getProperty(parts[1]));
  }
  for (const part of parts.slice(1)) {
    symbol = symbol && checker.getTypeOfSymbol(symbol).getProperty(part);
  }
  return symbol && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
}

function signatureOf(checker, source, symbol) {
  const type = checker.getTypeOfSymbolAtLocation(symbol, source);
  return type.getCallSignatures().at(-1);
}
