// Values that functions return, as JSON; refuses what JSON would silently lose.

/** One MCP content block among plain values; made by ctx.image, ctx.text, ctx.audio, ctx.content. */
export class Content {
  constructor(block) {
    this.block = block;
  }

  toJSON() {
    return this.block;
  }
}

/** A value that JSON cannot say; the message says which and what to do. */
export class NotJson extends Error {}

/** JSON of a value; undefined is null. */
export function encode(value) {
  switch (typeof value) {
    case 'string': case 'boolean': return JSON.stringify(value);
    case 'undefined': return 'null';
    case 'number': return number(value).toString();
    default: break;
  }
  try {
    return JSON.stringify(value, convert) ?? 'null';
  } catch (error) {
    if (error instanceof NotJson) throw error;
    throw new NotJson(/circular/i.test(error.message) ? 'the value contains itself' : error.message, { cause: error });
  }
}

function convert(key, value) {
  switch (typeof value) {
    case 'number': return number(value);
    case 'bigint': return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case 'function': throw new NotJson(`'${key}' is a function, which has no JSON form`);
    case 'object': break;
    default: return value;
  }
  if (value === null || Array.isArray(value)) return value;
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  // Buffer has its own toJSON, which has already run: the original is on the holder.
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
}

function number(value) {
  if (Number.isFinite(value)) return value;
  throw new NotJson(`the value holds ${value}, which JSON cannot say: return null or a string instead`);
}
