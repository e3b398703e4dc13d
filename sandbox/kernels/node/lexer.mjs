// Words of JavaScript outside of strings, comments and regular expressions, with the depth of brackets around them.

const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\.?\d[\w.]*/y;
const SPACE = /\s+/y;
const REGULAR = /\/(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;
// After these a slash begins a regular expression.
const BEFORE_VALUE = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do', 'await', 'yield', 'instanceof']);

/** Yields {text, at, depth} of each word that is no member's name. */
export function* tokens(code) {
  // What is open: brackets, and templates, in which only ${ } is code.
  const open = [];
  let at = 0;
  let before = '';
  const match = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (found === null) return null;
    at += found[0].length;
    return found[0];
  };
  while (at < code.length) {
    if (open.at(-1) === '`') {
      at = inTemplate(code, at, open);
      before = open.at(-1) === '${' ? '{' : '`';
      continue;
    }
    if (match(SPACE) !== null) continue;
    const character = code[at];
    if (code.startsWith('//', at) || (at === 0 && code.startsWith('#!'))) {
      at = end(code.indexOf('\n', at), code);
    } else if (code.startsWith('/*', at)) {
      at = end(code.indexOf('*/', at + 2), code) + 2;
    } else if (character === '"' || character === "'") {
      at = afterString(code, at);
      before = 'string';
    } else if (character === '`') {
      open.push('`');
      at++;
    } else if (character === '/' && isValueNext(before) && match(REGULAR) !== null) {
      before = 'string';
    } else {
      const start = at;
      const word = match(WORD);
      if (word !== null) {
        if (before !== '.') yield { text: word, at: start, depth: open.length };
        before = word;
      } else if (match(NUMBER) !== null) {
        before = '0';
      } else {
        bracket(character, open);
        before = character;
        at++;
      }
    }
  }
}

function bracket(character, open) {
  if ('([{'.includes(character)) open.push(character);
  else if (')]}'.includes(character)) open.pop();
}

function inTemplate(code, at, open) {
  for (let next = at; next < code.length; next++) {
    if (code[next] === '\\') {
      next++;
    } else if (code[next] === '`') {
      open.pop();
      return next + 1;
    } else if (code.startsWith('${', next)) {
      open.push('${');
      return next + 2;
    }
  }
  return code.length;
}

function afterString(code, at) {
  const quote = code[at];
  for (let next = at + 1; next < code.length; next++) {
    if (code[next] === '\\') next++;
    else if (code[next] === quote || code[next] === '\n') return next + 1;
  }
  return code.length;
}

function isValueNext(before) {
  return before === '' || BEFORE_VALUE.has(before) || (!/[\p{ID_Continue}$)\]}`]$/u.test(before) && before !== 'string');
}

function end(at, code) {
  return at === -1 ? code.length : at;
}
