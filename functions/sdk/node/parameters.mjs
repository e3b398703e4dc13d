// How a function is called: `add(a,b,ctx)` by position, `add({},ctx)` with the arguments as one object.
// The inspector writes this form as a tool's entry, so that a call reads no source.

const CONTEXT = 'ctx';

/** {path, names}: what an entry says; names is null where it says no parameters. */
export function parseEntry(entry) {
  const open = entry.indexOf('(');
  if (open < 0) return { path: entry, names: null };
  const inside = entry.slice(open + 1, -1);
  return { path: entry.slice(0, open), names: inside === '' ? [] : inside.split(',') };
}

/** The entry of an export path with parameter names; `{}` stands for the arguments as one object. */
export function formatEntry(path, names) {
  return `${path}(${names.join(',')})`;
}

/** The parameter names of a function by its source; a pattern is `{}`, a rest parameter begins with dots. */
export function namesOf(target) {
  return split(parameterText(target.toString())).map((text) => {
    const bare = text.trim();
    if (bare.startsWith('{')) return '{}';
    return /^(\.\.\.)?[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(bare)?.[0] ?? bare;
  });
}

/** {invoke(arguments, ctx), wantsContext} of a function. */
export function planOf(target, receiver, names) {
  const wantsContext = names.includes(CONTEXT);
  if (names[0] === '{}') {
    return { wantsContext, invoke: (input, ctx) => target.call(receiver, input, ctx) };
  }
  const pick = (input, ctx) => names.map((name) => (name === CONTEXT ? ctx : input[name]));
  return { wantsContext, invoke: (input, ctx) => target.apply(receiver, pick(input, ctx)) };
}

/** The text between the parentheses of a function's parameters, without comments. */
function parameterText(source) {
  const text = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ');
  const arrow = /^\s*(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(text);
  if (arrow) return arrow[1];
  const open = text.indexOf('(');
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if ('([{'.includes(text[at])) depth++;
    else if (')]}'.includes(text[at]) && --depth === 0) return text.slice(open + 1, at);
  }
  return '';
}

function split(text) {
  const parts = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if ('([{'.includes(text[at])) depth++;
    else if (')]}'.includes(text[at])) depth--;
    else if (text[at] === ',' && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part.trim() !== '');
}
