// TypeScript types to JSON Schema 2020-12.

const DEEPEST = 64;
const CONSTRAINTS = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength',
  'minItems', 'maxItems', 'pattern', 'format', 'default', 'title']);
const TEXT_CONSTRAINTS = new Set(['pattern', 'format', 'title']);

/** A type that has no schema; the message says which and what to write instead. */
export class Unsupported extends Error {}

/** Schemas of one tool's side (`input` or `output`), with the definitions that they share. */
export class Schemas {
  #ts;
  #checker;
  #side;
  #names = new Map();
  #definitions = {};
  #depth = 0;

  constructor(ts, checker, side) {
    this.#ts = ts;
    this.#checker = checker;
    this.#side = side;
  }

  /** Adds the definitions that the schema refers to. */
  close(schema) {
    return Object.keys(this.#definitions).length > 0 ? { ...schema, $defs: this.#definitions } : schema;
  }

  /** The schema of a type; definitions are kept for `close`. */
  of(type) {
    if (++this.#depth > DEEPEST) throw new Unsupported(`the type ${this.#show(type)} has no end`);
    try {
      return this.#any(type);
    } finally {
      this.#depth--;
    }
  }

  /** Whether a type is an object with members of its own. */
  isPlainObject(type) {
    const { TypeFlags } = this.#ts;
    return (type.flags & (TypeFlags.Object | TypeFlags.Intersection)) !== 0 && type.getCallSignatures().length === 0
      && !this.#checker.isArrayLikeType(type) && this.#builtIn(type) === null && type.getProperties().length > 0;
  }

  /** An object type's own schema, even where it has a name. */
  members(type) {
    const bare = this.#checker.getNonNullableType(type);
    const index = this.#checker.getIndexInfoOfType(bare, this.#ts.IndexKind.String);
    const properties = {};
    const required = [];
    for (const symbol of this.#checker.getPropertiesOfType(bare)) {
      const value = this.#property(symbol);
      if (value === null) continue;
      properties[symbol.name] = value;
      if ((symbol.flags & this.#ts.SymbolFlags.Optional) === 0) required.push(symbol.name);
    }
    const schema = { type: 'object', properties };
    if (required.length > 0) schema.required = required;
    if (index) schema.additionalProperties = this.of(index.type);
    else if (this.#side === 'input') schema.additionalProperties = false;
    if (Object.keys(properties).length === 0) delete schema.properties;
    return schema;
  }

  #any(type) {
    const { TypeFlags } = this.#ts;
    const { flags } = type;
    if ((flags & (TypeFlags.Any | TypeFlags.Unknown | TypeFlags.NonPrimitive)) !== 0) {
      return (flags & TypeFlags.NonPrimitive) !== 0 ? { type: 'object' } : {};
    }
    if (type.isUnion()) return this.#union(type);
    const literal = literalValue(this.#ts, type);
    if (literal !== undefined) return enumeration([literal]);
    if ((flags & (TypeFlags.StringLike)) !== 0) return { type: 'string' };
    if ((flags & TypeFlags.NumberLike) !== 0) return { type: 'number' };
    if ((flags & TypeFlags.BooleanLike) !== 0) return { type: 'boolean' };
    if ((flags & TypeFlags.Null) !== 0) return { type: 'null' };
    if ((flags & TypeFlags.TypeParameter) !== 0) {
      const bound = this.#checker.getBaseConstraintOfType(type);
      return bound && bound !== type ? this.of(bound) : {};
    }
    if (type.isIntersection()) return this.#intersection(type);
    if ((flags & TypeFlags.Object) !== 0) return this.#object(type);
    throw new Unsupported(`the type ${this.#show(type)} has no JSON form`);
  }

  #union(type) {
    const { TypeFlags } = this.#ts;
    const nothing = TypeFlags.Undefined | TypeFlags.Void;
    const members = type.types.filter((each) => (each.flags & nothing) === 0);
    const literals = members.map((each) => literalValue(this.#ts, each));
    const values = literals.filter((each) => each !== undefined);
    const rest = members.filter((_, index) => literals[index] === undefined);
    const parts = rest.map((each) => this.of(each));
    const isBoolean = values.includes(true) && values.includes(false);
    const plain = isBoolean ? values.filter((each) => typeof each !== 'boolean') : values;
    if (isBoolean) parts.unshift({ type: 'boolean' });
    if (plain.length > 0) parts.unshift(enumeration(plain));
    const distinct = [...new Map(parts.map((each) => [JSON.stringify(each), each])).values()];
    return distinct.length === 1 ? distinct[0] : { anyOf: distinct };
  }

  #intersection(type) {
    const { TypeFlags } = this.#ts;
    // A branded primitive, such as string & { __brand: 'id' }, is the primitive.
    const primitive = type.types.find((each) => (each.flags & (TypeFlags.StringLike | TypeFlags.NumberLike | TypeFlags.BooleanLike)) !== 0);
    return primitive ? this.of(primitive) : this.#named(type);
  }

  #object(type) {
    const checker = this.#checker;
    if (checker.isTupleType(type)) return this.#tuple(type);
    if (checker.isArrayType(type)) return { type: 'array', items: this.of(checker.getTypeArguments(type)[0]) };
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
      throw new Unsupported(`${this.#show(type)} is a function, which has no JSON form`);
    }
    const known = this.#builtIn(type);
    if (known !== null) return known;
    return this.#named(type);
  }

  #tuple(type) {
    const { target } = type;
    const items = this.#checker.getTypeArguments(type);
    const fixed = items.slice(0, target.fixedLength).map((each) => this.of(each));
    const schema = { type: 'array', prefixItems: fixed, minItems: target.minLength };
    if (!target.hasRestElement) return { ...schema, maxItems: fixed.length };
    return { ...schema, items: this.of(items[target.fixedLength]) };
  }

  /** Classes of the language that have a JSON form of their own; they can be given, but not taken. */
  #builtIn(type) {
    const name = type.symbol?.name;
    if (!isFromLibrary(type.symbol)) return null;
    const items = this.#checker.getTypeArguments(type);
    switch (name) {
      case 'Date': return this.#given(name, 'a string (ISO 8601)', () => ({ type: 'string', format: 'date-time' }));
      case 'Uint8Array': return this.#given(name, 'a string (base64)', () => ({ type: 'string', contentEncoding: 'base64' }));
      case 'Set': case 'ReadonlySet':
        return this.#given(name, 'an array', () => ({ type: 'array', items: this.of(items[0]), uniqueItems: true }));
      case 'Map': case 'ReadonlyMap':
        return this.#given(name, 'a Record', () => ({ type: 'object', additionalProperties: this.of(items[1]) }));
      case 'Object': return { type: 'object' };
      case 'Promise': case 'RegExp': case 'WeakMap': case 'WeakSet': case 'Function': case 'Error':
        throw new Unsupported(`the type ${name} has no JSON form`);
      default: return null;
    }
  }

  #given(name, instead, make) {
    if (this.#side === 'input') throw new Unsupported(`a ${name} cannot come as JSON: take ${instead}`);
    return make();
  }

  /** An interface, class or alias of the user's becomes a definition; everything else stands where it is. */
  #named(type) {
    const symbol = type.aliasSymbol ?? type.symbol;
    const isAnonymous = symbol === undefined || symbol.name.startsWith('__') || isFromLibrary(symbol);
    const known = this.#names.get(type);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    if (isAnonymous) return this.members(type);
    const name = this.#free(symbol.name);
    this.#names.set(type, name);
    this.#definitions[name] = {};
    const description = this.#ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).trim();
    const { type: kind, ...rest } = this.members(type);
    this.#definitions[name] = { type: kind, ...(description && { description }), ...rest };
    return { $ref: `#/$defs/${name}` };
  }

  #free(name) {
    let found = name;
    for (let count = 2; found in this.#definitions; count++) found = `${name}${count}`;
    return found;
  }

  /** A member's schema, or null for a method. */
  #property(symbol) {
    const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
    const type = declaration ? this.#checker.getTypeOfSymbolAtLocation(symbol, declaration) : this.#checker.getTypeOfSymbol(symbol);
    if ((symbol.flags & this.#ts.SymbolFlags.Method) !== 0) return null;
    const schema = { ...this.of((symbol.flags & this.#ts.SymbolFlags.Optional) !== 0 ? this.#withoutUndefined(type) : type) };
    const text = this.#ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).replace(/^\s*-\s*/, '').trim()
      || commentBefore(declaration);
    if (text) schema.description = text;
    for (const tag of symbol.getJsDocTags(this.#checker)) constrain(schema, tag, this.#ts);
    return schema;
  }

  #withoutUndefined(type) {
    return (type.flags & this.#ts.TypeFlags.Union) !== 0 ? type : this.#checker.getNonNullableType(type);
  }

  #show(type) {
    return this.#checker.typeToString(type);
  }
}

function constrain(schema, tag, ts) {
  const text = ts.displayPartsToString(tag.text).trim();
  if (tag.name === 'integer' && schema.type === 'number') schema.type = 'integer';
  if (!CONSTRAINTS.has(tag.name) || text === '') return;
  if (TEXT_CONSTRAINTS.has(tag.name)) {
    schema[tag.name] = text;
    return;
  }
  try {
    schema[tag.name] = JSON.parse(text);
  } catch {
    if (tag.name === 'default') schema.default = text;
  }
}

/** A comment in the line of the opening brace, as in `{ /** text *\/ name: string }`, which the compiler takes for the brace's. */
function commentBefore(declaration) {
  const before = declaration?.getSourceFile().text.slice(declaration.getFullStart(), declaration.getStart()) ?? '';
  const match = /\/\*\*([\s\S]*?)\*\/\s*$/.exec(before);
  return match ? match[1].replace(/^[ \t]*\*[ \t]?/gm, '').split(/^\s*@/m)[0].trim() : '';
}

function literalValue(ts, type) {
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if ((type.flags & ts.TypeFlags.BooleanLiteral) !== 0) return type.intrinsicName === 'true';
  return undefined;
}

function enumeration(values) {
  const kinds = new Set(values.map((each) => typeof each));
  return kinds.size === 1 ? { type: [...kinds][0], enum: values } : { enum: values };
}

function isFromLibrary(symbol) {
  const file = symbol?.declarations?.[0]?.getSourceFile();
  return file !== undefined && (file.hasNoDefaultLib || /[\\/]typescript[\\/]lib[\\/]lib\.[^\\/]*\.d\.ts$/.test(file.fileName));
}
