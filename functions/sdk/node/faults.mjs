// What a call's failure looks like in an ERROR or LOAD_FAILED frame.

const MESSAGE_LIMIT = 4 * 1024;
const DETAIL_LIMIT = 16 * 1024;
const OWN_FOLDER = new URL('.', import.meta.url).href;

/** The payload of an ERROR frame. */
export function fault(code, message, detail) {
  const body = { code, message: message.slice(0, MESSAGE_LIMIT) };
  if (detail) body.detail = detail.slice(0, DETAIL_LIMIT);
  return JSON.stringify(body);
}

/** The ERROR of what the user's code threw. */
export function thrown(error) {
  return fault('FunctionThrew', describe(error), trace(error));
}

/** `TypeName: text`; what was thrown may be anything, and reading it may throw. */
export function describe(error) {
  try {
    if (error instanceof Error) return error.message ? `${error.name}: ${error.message}` : error.name;
    return `thrown: ${typeof error === 'object' ? JSON.stringify(error) : String(error)}`;
  } catch {
    return 'thrown: a value that cannot be read';
  }
}

/** The stack without the frames of the worker and of Node, with the causes. */
export function trace(error) {
  const parts = [];
  const seen = new Set();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    const lines = String(at.stack ?? at).split('\n').filter((line) => !isOwn(line));
    parts.push((parts.length > 0 ? 'Caused by: ' : '') + lines.join('\n'));
  }
  return parts.join('\n');
}

function isOwn(line) {
  return /^\s+at /.test(line) && (line.includes(OWN_FOLDER) || line.includes('node:internal') || line.includes('(node:'));
}
