// Reads lines of {"schema", "values"} and answers each with the list of what ajv says of the values, or null where it refuses the schema.
import { createInterface } from 'node:readline';
import Ajv2020 from 'ajv/dist/2020.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { schema, values } = JSON.parse(line);
  let answer = null;
  try {
    const validate = new Ajv2020({ strict: false, validateFormats: false, logger: false, unicodeRegExp: true }).compile(schema);
    answer = values.map(value => validate(value));
  } catch {
    // A schema that ajv refuses: ours must refuse it, or say why not.
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
