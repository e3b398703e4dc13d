// Node cannot put another pipe on its own descriptors 1 and 2, so what children would inherit of them is read from pipes of their own.

import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { StringDecoder } from 'node:string_decoder';

const NAMES = ['', 'stdout', 'stderr'];

/** From here on the output of children that inherit the kernel's goes to an output. */
export function captureChildren(output) {
  captureSpawned(output);
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) captureSync(name, output);
  syncBuiltinESMExports();
}

function captureSpawned(output) {
  const original = childProcess.ChildProcess.prototype.spawn;
  childProcess.ChildProcess.prototype.spawn = function spawn(options) {
    const { stdio, inherited } = withPipes(options.stdio);
    const result = original.call(this, { ...options, stdio });
    for (const descriptor of result === 0 ? inherited : []) {
      const decoder = new StringDecoder('utf8');
      const stream = this.stdio[descriptor];
      stream.on('data', (chunk) => output.write(NAMES[descriptor], decoder.write(chunk)));
      // To the user it is as inherited: there is no stream.
      this[NAMES[descriptor]] = this.stdio[descriptor] = null;
    }
    return result;
  };
}

function captureSync(name, output) {
  const original = childProcess[name];
  childProcess[name] = (...parameters) => {
    const at = parameters.findIndex((each, index) => index > 0 && each !== null && typeof each === 'object' && !Array.isArray(each));
    const options = at === -1 ? {} : parameters[at];
    // Only these two give the error output of a child to their own.
    const usual = name === 'spawnSync' ? 'pipe' : ['pipe', 'pipe', 'inherit'];
    const { stdio, inherited } = withPipes(options.stdio ?? usual);
    if (inherited.length === 0) return original(...parameters);
    const rest = at === -1 ? parameters : parameters.slice(0, at);
    // Where nobody has said so, it is given to the caller too.
    const hidden = options.stdio === undefined ? [] : inherited;
    return runSync(name, rest, { ...options, stdio }, { inherited, hidden }, output);
  };
}

/** By spawnSync, which alone gives the error output of a program that succeeded. */
function runSync(name, parameters, options, { inherited, hidden }, output) {
  const [program, list] = parameters;
  const shell = name === 'execSync' ? { shell: options.shell ?? true } : {};
  const result = spawnSync(program, Array.isArray(list) ? list : [], { maxBuffer: Infinity, ...options, ...shell, encoding: 'buffer' });
  for (const descriptor of inherited) {
    if (result.output?.[descriptor]) output.write(NAMES[descriptor], result.output[descriptor].toString('utf8'));
  }
  const given = (descriptor) => {
    if (hidden.includes(descriptor)) return null;
    const data = result.output?.[descriptor] ?? null;
    return data !== null && options.encoding && options.encoding !== 'buffer' ? data.toString(options.encoding) : data;
  };
  if (name === 'spawnSync') return { ...result, output: [null, given(1), given(2)], stdout: given(1), stderr: given(2) };
  if (result.error) throw Object.assign(result.error, { stdout: given(1), stderr: given(2) });
  if (result.status !== 0) {
    const said = given(2)?.length > 0 ? `\n${given(2)}` : '';
    throw Object.assign(new Error(`Command failed: ${[program, ...(Array.isArray(list) ? list : [])].join(' ')}${said}`),
      { status: result.status, signal: result.signal, pid: result.pid, output: result.output, stdout: given(1), stderr: given(2) });
  }
  return given(1);
}

function withPipes(stdio) {
  const list = Array.isArray(stdio) ? [...stdio] : [stdio, stdio, stdio];
  const inherited = [1, 2].filter((descriptor) => isOurs(list[descriptor]));
  // Descriptor 2 of a child may be its kernel's 1; it is told apart all the same.
  for (const descriptor of inherited) list[descriptor] = 'pipe';
  return { stdio: inherited.length > 0 ? list : stdio, inherited };
}

function isOurs(entry) {
  return entry === 'inherit' || entry === 1 || entry === 2 || entry === process.stdout || entry === process.stderr;
}

const spawnSync = childProcess.spawnSync;
