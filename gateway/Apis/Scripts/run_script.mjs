// Runs the script that the first line of standard input brings; see run_script.py, which starts it.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const pipe = Number(process.argv[2]);
const open = new Map();
const linesBeforeScript = 2;
let last = 0;

const say = (message) => {
  const line = Buffer.from(JSON.stringify(message) + '\n');
  for (let at = 0; at < line.length;) at += writeSync(pipe, line, at);
};

const call = (name, args = {}) => new Promise((resolve, reject) => {
  open.set(++last, { resolve, reject });
  say({ id: last, name, arguments: args });
});

const run = async ({ code, client }) => {
  const { createClient } = await import('data:text/javascript;base64,' + Buffer.from(client).toString('base64'));
  const AsyncFunction = (async () => {}).constructor;
  try {
    const result = await new AsyncFunction('api', 'tools', code)(createClient(call), { call });
    say({ result: result ?? null });
  } catch (error) {
    const at = /<anonymous>:(\d+):/.exec(error?.stack ?? '');
    say({ failed: `${error?.name ?? 'Error'}: ${error?.message ?? error}`, line: at ? Number(at[1]) - linesBeforeScript : null });
  }
  process.exit(0);
};

createInterface({ input: process.stdin }).on('line', (text) => {
  const { id, value, error, ...script } = JSON.parse(text);
  if (id === undefined) return void run(script);
  const waiting = open.get(id);
  open.delete(id);
  if (error) waiting.reject(Object.assign(new Error(error.message), { code: error.code }));
  else waiting.resolve(value);
});
