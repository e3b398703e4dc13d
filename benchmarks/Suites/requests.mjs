// Makes arguments for a tool's input schema and judges the request that comes of them by the raw document alone.
// Lines on stdin: {"document"} once for each document, then {"pointer","schema"}; answers: {"id","args"} or {"bad"}.
// The request of id N comes to /__N on the port of argv[2]; the answer's body is "ok" or what is wrong.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Ajv2020 from 'ajv/dist/2020.js';
import { generateSync } from 'json-schema-faker';

let document, ajv, compiled = 0, last = 0;
const open = new Map();
const unescape = (token) => token.replaceAll('~1', '/').replaceAll('~0', '~');
const decode = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
const at = (pointer) => pointer.split('/').slice(1).map(unescape).reduce((node, key) => node?.[key], document);
const resolve = (node, hops = 0) => (node?.$ref?.startsWith('#') && hops < 20 ? resolve(at(decode(node.$ref.slice(1))), hops + 1) : node);
const essence = (type) => type.split(';')[0].trim().toLowerCase();

// Bytes travel as base64, which no generator knows. The generator draws a length up to maxLength, which some documents set to gigabytes: it is drawn
// from a shorter range, which the schema allows as well; what a pattern says is not cut short.
const prepared = (node) => {
  if (Array.isArray(node)) return node.map(prepared);
  if (node === null || typeof node !== 'object') return node;
  if (node.contentEncoding === 'base64') return { const: 'QUJD' };
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, prepared(value)]));
  if (typeof node.maxLength === 'number' && !node.pattern) copy.maxLength = Math.min(node.maxLength, (node.minLength ?? 0) + 32);
  return copy;
};

// Line breaks, NUL and dot segments are refused in paths and headers whatever the document says, so a set of arguments with one there is drawn anew.
const isRefused = (value) => typeof value === 'string' && /[\r\n\0]|(^|\/)\.\.?(\/|$)/.test(value);

const makeArguments = (schema) => {
  if (compiled++ % 50 === 0) ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, inlineRefs: false, addUsedSchema: false, code: { optimize: false } });
  const fits = ajv.compile(schema);
  const source = prepared(schema);
  let why;
  for (let seed = 0; seed < 16; seed++) {
    try {
      const args = generateSync(source, { seed: seed + 1, optionalsProbability: seed < 2 ? 0.4 : 0, alwaysFakeOptionals: false, maxItems: 2 });
      if (Object.values(args).some(isRefused) && seed < 15) continue;
      if (fits(args)) return args;
      why = ajv.errorsText(fits.errors).slice(0, 200);
    } catch (error) { why = String(error.message).slice(0, 200); }
  }
  throw new Error('no arguments found: ' + why);
};

const fixed = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const pathFits = (template, path) => {
  const [plain] = template.split('#')[0].split('?');
  const pattern = plain.split(/(\{[^}]*\})/).map((part) => (/^\{.*\}$/.test(part) ? '.*' : fixed(decode(part)))).join('');
  return new RegExp(`^${pattern}$`, 's').test(decode(path)) && !/[{}]/.test(path);
};

const takesNull = (schema) => { const s = resolve(schema) ?? {}; return s.nullable || s.type === 'null' || (Array.isArray(s.type) && s.type.includes('null')); };
const requiredOf = (schema, hops = 0) => {
  const s = resolve(schema);
  if (!s || typeof s !== 'object' || hops > 8) return [];
  const own = (s.required ?? []).filter?.((name) => { const p = resolve(s.properties?.[name]); return p && !p.readOnly && !takesNull(p); }) ?? [];
  return [...own, ...(Array.isArray(s.allOf) ? s.allOf.flatMap((part) => requiredOf(part, hops + 1)) : [])];
};

const bodyFits = (operation, headers, body) => {
  const declared = resolve(operation.requestBody);
  const types = Object.keys(declared?.content ?? {});
  if (types.length === 0) return 'ok';
  if (body.length === 0) return declared.required && requiredOf(declared.content[types[0]].schema).some((name) => !mayBeEmpty(declared.content[types[0]].schema, name)) ? 'the body is missing' : 'ok';
  const sent = essence(headers['content-type'] ?? '');
  const type = types.find((t) => essence(t) === sent || t === '') ?? types.find((t) => essence(t).includes('*') && new RegExp('^' + fixed(essence(t)).replaceAll('\\*', '.*') + '$').test(sent));
  if (type === undefined) return `content type ${sent} is none of ${types}`;
  const required = requiredOf(declared.content[type].schema);
  if (/[/+]json$/.test(sent)) {
    const value = JSON.parse(body.toString());
    const missing = value && typeof value === 'object' && !Array.isArray(value) ? required.filter((name) => !(name in value)) : [];
    return missing.length ? `the body lacks ${missing}` : 'ok';
  }
  if (sent === 'application/x-www-form-urlencoded') {
    const keys = [...new URLSearchParams(body.toString()).keys()];
    const missing = required.filter((name) => !keys.some((k) => k === name || k.startsWith(name + '[') || k.startsWith(name + '.')) && !mayBeEmpty(declared.content[type].schema, name));
    return missing.length ? `the form lacks ${missing}` : 'ok';
  }
  if (sent === 'multipart/form-data') {
    const text = body.toString('latin1');
    const missing = required.filter((name) => !text.includes(`name="${name}`));
    return missing.length ? `the parts lack ${missing}` : 'ok';
  }
  return 'ok';
};

const mayBeEmpty = (schema, name) => { const p = resolve(resolve(schema)?.properties?.[name]) ?? {}; return ['array', 'object'].includes(p.type) || !p.type; };

// A parameter that is the API key of a scheme in effect is no argument: it comes of the source's credentials.
const isCredential = (operation, p) => (operation.security ?? document.security ?? []).flatMap(Object.keys)
  .map((name) => resolve((document.components?.securitySchemes ?? document.securityDefinitions ?? {})[name]))
  .some((s) => s?.type === 'apiKey' && s.in === p.in && (p.in === 'header' ? s.name?.toLowerCase() === p.name.toLowerCase() : s.name === p.name));

const parametersFit = (operation, item, request, query) => {
  const all = new Map();
  for (const given of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) { const p = resolve(given); if (p?.name) all.set(`${p.in} ${p.name}`, p); }
  const keys = query.split('&').filter(Boolean).map((pair) => decode(pair.split('=')[0].replaceAll('+', ' ')));
  for (const p of all.values()) {
    const schema = resolve(p.schema) ?? {};
    if (!p.required || takesNull(schema) || schema.readOnly || isCredential(operation, p)) continue;
    const open = ['array', 'object'].includes(schema.type) || !schema.type;
    if (p.in === 'query' && !open && !keys.includes(p.name)) return `the query lacks ${p.name}`;
    if (p.in === 'header' && !open && !['accept', 'content-type', 'authorization'].includes(p.name.toLowerCase()) && !(p.name.toLowerCase() in request.headers)) return `the header ${p.name} is missing`;
    if (p.in === 'cookie' && !open && !(request.headers.cookie ?? '').includes(`${p.name}=`)) return `the cookie ${p.name} is missing`;
  }
  return 'ok';
};

const judge = (pointer, request, target, body) => {
  const [, path, method] = pointer.split('/').slice(1).map(unescape);
  const item = resolve(document.paths[path]);
  const operation = item?.[method];
  if (!operation) return `no operation at ${pointer}`;
  if (request.method !== method.toUpperCase()) return `method ${request.method}`;
  const [sent, query = ''] = target.split('?');
  if (!pathFits(path, sent)) return `path ${sent} does not fit ${path}`;
  const parameters = parametersFit(operation, item, request, target.slice(sent.length + 1) || query);
  return parameters === 'ok' ? bodyFits(operation, request.headers, body) : parameters;
};

createServer({ maxHeaderSize: 1 << 20 }, (request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece)).on('end', () => {
    let verdict;
    try {
      const [, id, rest] = /^\/__(\d+)(.*)$/s.exec(request.url);
      verdict = judge(open.get(Number(id)), request, rest, Buffer.concat(pieces));
      open.delete(Number(id));
    } catch (error) { verdict = `the judge failed: ${error.message}`; }
    response.end(verdict);
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('ready\n'));

createInterface({ input: process.stdin }).on('line', (text) => {
  const line = JSON.parse(text);
  let answer;
  if (line.document) {
    document = JSON.parse(readFileSync(line.document, 'utf8'));
    answer = {};
  } else {
    try {
      const args = makeArguments(line.schema);
      open.set(++last, line.pointer);
      answer = { id: last, args };
    } catch (error) { answer = { bad: error.message }; }
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}).on('close', () => process.exit(0));
