// Reads one JSON Schema a line and answers each with "ok" or what ajv says against it.
import { createInterface } from 'node:readline';
import Ajv2020 from 'ajv/dist/2020.js';

const known = new Map();
let ajv = null;
let compiled = 0;
for await (const line of createInterface({ input: process.stdin })) {
  let answer = known.get(line);
  if (answer === undefined) {
    // An instance keeps all that it compiled: a new one now and then keeps memory bounded.
    if (ajv === null || compiled++ % 50 === 0) {
      ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, unicodeRegExp: true, inlineRefs: false, addUsedSchema: false });
    }
    answer = 'ok';
    try {
      ajv.compile(JSON.parse(line));
    } catch (error) {
      answer = String(error.message).replace(/\s+/g, ' ').slice(0, 300);
    }
    if (line.length < 2000) {
      if (known.size > 100000) known.clear();
      known.set(line, answer);
    }
  }
  process.stdout.write(answer + '\n');
}
