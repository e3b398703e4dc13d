// Compiles each JSON Schema of an array on stdin with a validator that we did not write.
const Ajv2020 = require('ajv/dist/2020');
const schemas = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const failures = [];
for (const schema of schemas) {
  if (schema === null) continue;
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, strictTuples: false, validateFormats: false, keywords: ['example'] });
  try {
    ajv.compile(schema);
  } catch (error) {
    failures.push(`${error.message}: ${JSON.stringify(schema)}`);
  }
}
console.log(failures.length === 0 ? 'all compile' : failures.join('\n'));
