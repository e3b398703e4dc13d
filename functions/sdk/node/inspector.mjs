// The tools of a module, from its types (TypeScript) or its JSDoc (JavaScript), both read by the TypeScript compiler.
// Loaded only when a LOAD asks for inspection.

import { basename, relative } from 'node:path';
import { descriptionOf, parameterDocs } from './documentation.mjs';
import { LoadError, exportedFunctions, toolName } from './loading.mjs';
import { formatEntry, namesOf } from './parameters.mjs';
import { compile, literalOf } from './program.mjs';
import { Schemas, Unsupported } from './schema.mjs';

const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const CONTEXT = 'ctx';
const STREAMS = new Set(['Generator', 'AsyncGenerator', 'Iterator', 'AsyncIterator', 'Iterable', 'AsyncIterable',
  'IterableIterator', 'AsyncIterableIterator', 'IteratorObject', 'AsyncIteratorObject']);

/** {tools, warnings}; throws LoadError. */
export async function inspect(exports, path, request) {
  const functions = exportedFunctions(exports);
  if (functions.length === 0) {
    throw new LoadError(`${request.entry}: no function to make a tool of: export one, as in 'export default function name(...)'`);
  }
  const program = compile(path, request.root);
  const warnings = [];
  const readers = functions.map(([name, target]) => new Reader(program, request, name, target, warnings));
  // A module's exports come in the order of the alphabet; an author's order says more.
  readers.sort((one, other) => one.position - other.position);
  const tools = readers.map((reader) => reader.definition());
  refuseSameNames(tools, request.entry);
  return { tools, warnings };
}

function refuseSameNames(tools, entry) {
  const seen = new Set();
  for (const { name } of tools) {
    if (seen.has(name)) throw new LoadError(`${entry}: two tools are named '${name}': give one of them another name`);
    seen.add(name);
  }
}

/** Reads one exported function. */
class Reader {
  constructor(program, request, path, target, warnings) {
    this.ts = program.ts;
    this.checker = program.checker;
    this.request = request;
    this.path = path;
    this.target = target;
    this.said = target.tool ?? {};
    this.name = this.said.name ?? toolName(path, target, request.entry);
    this.warnings = warnings;
    this.symbol = program.find(path);
    this.signature = this.symbol && program.signatureOf(this.symbol);
    this.declaration = this.signature?.declaration;
    this.position = this.declaration?.pos ?? 0;
  }

  /** The ToolDefinition. */
  definition() {
    if (!TOOL_NAME.test(this.name)) {
      throw this.error(`'${this.name}' cannot be a tool's name`, 'use 1 to 128 of A-Z a-z 0-9 _ - .');
    }
    const { inputSchema, names } = this.declaration ? this.input() : this.untypedInput();
    const { outputSchema, streams } = this.declaration ? this.output() : { streams: false };
    return {
      name: this.name,
      title: this.said.title,
      description: this.said.description ?? (this.declaration ? descriptionOf(this.ts, this.checker, this.symbol, this.declaration) : ''),
      inputSchema,
      outputSchema,
      annotations: this.said.annotations,
      meta: this.said.meta,
      entry: formatEntry(this.path, names),
      streams,
    };
  }

  input() {
    const parameters = this.declaration.parameters.filter((node) => node.name.getText() !== 'this');
    const first = parameters[0];
    if (first !== undefined && this.takesObject(first)) return this.objectInput(parameters);
    const schemas = new Schemas(this.ts, this.checker, 'input');
    const docs = parameterDocs(this.ts, this.declaration);
    const properties = {};
    const required = [];
    for (const node of parameters) {
      const name = node.name.getText();
      if (name === CONTEXT) continue;
      this.refuse(node);
      const doc = docs.get(name) ?? {};
      const fallback = node.initializer ? literalOf(this.ts, node.initializer) : doc.default;
      properties[name] = { ...this.parameterSchema(schemas, node), ...described(doc.text), ...withDefault(fallback) };
      if (!this.checker.isOptionalParameter(node) && !node.initializer) required.push(name);
    }
    const inputSchema = schemas.close(closedObject(properties, required));
    return { inputSchema, names: parameters.map((node) => node.name.getText()) };
  }

  /** Whether the function takes its arguments as one object: a pattern, or a first and only parameter of an object type called so. */
  takesObject(node) {
    if (this.ts.isObjectBindingPattern(node.name)) return true;
    const others = this.declaration.parameters.filter((other) => other !== node && other.name.getText() !== CONTEXT);
    if (others.length > 0 || !/^(args?|arguments|input|options|opts|params|parameters|props|_)$/.test(node.name.getText())) return false;
    const schemas = new Schemas(this.ts, this.checker, 'input');
    return this.isTyped(node) && schemas.isPlainObject(this.checker.getTypeAtLocation(node));
  }

  objectInput(parameters) {
    const [node] = parameters;
    const schemas = new Schemas(this.ts, this.checker, 'input');
    const schema = this.isTyped(node)
      ? this.schema(schemas, (each) => each.members(this.checker.getTypeAtLocation(node)), 'its parameter object')
      : this.untypedPattern(node);
    this.describeMembers(node, schema);
    const names = parameters.map((each, index) => (index === 0 ? '{}' : each.name.getText()));
    return { inputSchema: schemas.close(schema), names };
  }

  untypedPattern(node) {
    const properties = {};
    const required = [];
    for (const element of node.name.elements ?? []) {
      const name = (element.propertyName ?? element.name).getText();
      this.warn(name, element);
      properties[name] = {};
      if (!element.initializer) required.push(name);
    }
    return closedObject(properties, required);
  }

  /** Adds descriptions from `@param args.a` and defaults of the pattern; a member with a default is not required. */
  describeMembers(node, schema) {
    const docs = parameterDocs(this.ts, this.declaration);
    for (const [path, doc] of docs) {
      const name = path.split('.').at(-1);
      const property = schema.properties?.[name];
      if (property !== undefined && property.description === undefined) Object.assign(property, described(doc.text));
      if (property !== undefined && doc.default !== undefined) property.default = doc.default;
    }
    if (!this.ts.isObjectBindingPattern(node.name)) return;
    for (const element of node.name.elements) {
      const name = (element.propertyName ?? element.name).getText();
      const property = schema.properties?.[name];
      if (property === undefined || !element.initializer) continue;
      Object.assign(property, withDefault(literalOf(this.ts, element.initializer)));
      schema.required = schema.required?.filter((each) => each !== name);
    }
    if (schema.required?.length === 0) delete schema.required;
  }

  parameterSchema(schemas, node) {
    const name = node.name.getText();
    if (!this.isTyped(node) && !node.initializer) {
      this.warn(name, node);
      return {};
    }
    return this.schema(schemas, (each) => each.of(this.checker.getTypeAtLocation(node), node), `parameter '${name}'`);
  }

  isTyped(node) {
    return node.type !== undefined || this.ts.getJSDocType(node) !== undefined
      || this.ts.getJSDocParameterTags(node).some((tag) => tag.typeExpression !== undefined);
  }

  /** A function whose declaration the compiler cannot find: its source tells the names. */
  untypedInput() {
    const names = namesOf(this.target);
    const properties = {};
    for (const name of names.filter((each) => each !== CONTEXT && each !== '{}')) {
      this.warn(name, null);
      properties[name] = {};
    }
    return { inputSchema: closedObject(properties, Object.keys(properties)), names };
  }

  output() {
    const { checker, ts } = this;
    let type = this.signature.getReturnType();
    type = checker.getAwaitedType(type) ?? type;
    const generates = this.declaration.asteriskToken !== undefined;
    const name = type.symbol?.name;
    const stream = STREAMS.has(name) && (checker.getTypeArguments(type).length > 0);
    if (!stream) return { outputSchema: this.result(type), streams: generates };
    const [piece, end] = checker.getTypeArguments(type);
    const nothing = ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never;
    if (/Generator$/.test(name) && end !== undefined && (end.flags & nothing) === 0) {
      return { outputSchema: this.result(end), streams: true };
    }
    const items = this.result(piece);
    const { $defs, ...bare } = items ?? {};
    return { outputSchema: items && { type: 'array', items: bare, ...($defs && { $defs }) }, streams: true };
  }

  result(type) {
    const { ts } = this;
    const silent = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Never;
    if ((type.flags & silent) !== 0 || type.symbol?.name === 'Content') return undefined;
    const schemas = new Schemas(ts, this.checker, 'output');
    if (!this.declaration.type && !ts.getJSDocReturnType(this.declaration)) return this.inferred(schemas, type);
    return schemas.close(this.schema(schemas, (each) => each.of(type), 'the result'));
  }

  /** A return type that nobody wrote is used where it says something, and never a reason to refuse. */
  inferred(schemas, type) {
    try {
      const schema = schemas.close(schemas.of(this.checker.getBaseTypeOfLiteralType(type)));
      return Object.keys(schema).length > 0 ? schema : undefined;
    } catch (error) {
      if (error instanceof Unsupported) return undefined;
      throw error;
    }
  }

  refuse(node) {
    if (node.dotDotDotToken) {
      throw this.error(`'${this.name}' takes ${node.getText()}, which has no JSON Schema`, 'name its parameters, or take one array', node);
    }
    if (!this.ts.isIdentifier(node.name)) {
      throw this.error(`'${this.name}' takes ${node.name.getText()}, which has no name to pass an argument by`,
        'take one object as the first parameter, or name the parameter', node);
    }
  }

  schema(schemas, make, what) {
    try {
      return make(schemas);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      throw this.error(`${what} of '${this.name}': ${error.message}`,
        'use types such as string, number, boolean, arrays, literals and interfaces of them');
    }
  }

  warn(name, node) {
    this.warnings.push(`${this.where(node)}: parameter '${name}' of '${this.name}' has no type: any JSON value is accepted. `
      + `Write for example ${/\.[mc]?ts$/.test(this.request.entry) ? `'${name}: string'` : `'@param {string} ${name}'`}`);
  }

  line(node) {
    const at = node ?? this.declaration;
    if (!at) return undefined;
    const source = at.getSourceFile();
    return source.getLineAndCharacterOfPosition(at.getStart()).line + 1;
  }

  where(node) {
    const file = this.declaration ? relative(this.request.root, this.declaration.getSourceFile().fileName) : basename(this.request.entry);
    const line = this.line(node);
    return line === undefined ? file : `${file}:${line}`;
  }

  error(message, fix, node) {
    return new LoadError(`${this.where(node)}: ${message}. To mend it: ${fix}`, '', this.line(node));
  }
}

function closedObject(properties, required) {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

function described(text) {
  return text ? { description: text } : {};
}

function withDefault(value) {
  return value === undefined ? {} : { default: value };
}
