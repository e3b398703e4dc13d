// What a cell's text needs before V8's REPL mode takes it: static imports become dynamic ones, export words go.

import vm from 'node:vm';
import { tokens } from './lexer.mjs';

const IMPORT = '__toolrt_import__';
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//g;
const CLAUSE = /^import\s*(?:(?<names>[\w$*{](?:[^'"/]|\/\/[^\n]*\n|\/\*[^]*?\*\/)*?)\s*from\s*)?(?<quote>['"])(?<from>[^'"\n]+)\k<quote>(?:\s*(?:with|assert)\s*(?<attributes>\{[^}]*\}))?\s*;?/;

// What a class or an object calls import.
const METHOD = /^\([^()]*\)\s*\{/;
const LIST = /^export\s*(?:\*(?:\s*as\s+[\w$]+)?|\{[^}]*\})(?:\s*from\s*(?<quote>['"])(?<from>[^'"\n]+)\k<quote>)?\s*;?/;
const NAMELESS = /^export\s+default\s+(?:\{|class\s*\{|class\s+extends\b|(?:async\s+)?function\s*\*?\s*\()/;

/** The text to evaluate. */
export function prepare(code) {
  return rewrite(asExpression(code));
}

/** As at a prompt, `{a: 1}` is an object and no block; `toJavaScript` takes away what V8 does not know. */
export function asExpression(code, toJavaScript = (text) => text) {
  const whole = code.trim();
  if (!whole.startsWith('{') || !whole.endsWith('}') || !isExpression(whole, toJavaScript)) return code;
  return code.replace(whole, () => `(${whole})`);
}

/** With the top-level declaration of a name changed so that it agrees with how an earlier cell declared it. */
export function avoidRedeclaration(code, name) {
  const isProperty = Object.getOwnPropertyDescriptor(globalThis, name)?.configurable === false || Object.hasOwn(globalThis, name);
  for (const token of tokens(code)) {
    if (token.depth > 0) continue;
    const rest = code.slice(token.at);
    if (isProperty && token.text === 'let' && declares(rest, name)) {
      return replace(code, token, 'var');
    }
    if (!isProperty && token.text === 'var' && declares(rest, name)) return replace(code, token, 'let');
    if (token.text === 'class' && isProperty && new RegExp(`^class\\s+${escape(name)}\\b`).test(rest)) {
      return replace(code, token, `var ${name} = class`);
    }
    if (token.text === 'function' && !isProperty && new RegExp(`^function\\s*\\*?\\s*${escape(name)}\\b`).test(rest)) {
      const before = /\basync\s+$/.exec(code.slice(0, token.at));
      const at = before ? before.index : token.at;
      return `${code.slice(0, at)}let ${name} = ${code.slice(at)}`;
    }
  }
  return code;
}

function rewrite(code) {
  let hoisted = '';
  let text = '';
  let done = 0;
  const put = (until, replacement, next) => {
    text += code.slice(done, until) + replacement;
    done = next;
  };
  for (const token of tokens(code)) {
    if (token.at < done) continue;
    if (token.text === 'import') {
      const after = code.slice(token.at + 6).trimStart();
      if (METHOD.test(after)) continue;
      if (after.startsWith('(')) put(token.at, IMPORT, token.at + 6);
      else if (after.startsWith('.')) put(token.at, `(${IMPORT}.meta())`, token.at + /^import\s*\.\s*meta/.exec(code.slice(token.at))[0].length);
      else if (token.depth === 0) {
        const clause = CLAUSE.exec(code.slice(token.at));
        if (clause === null) continue;
        hoisted += statementOf(clause.groups);
        // The lines stay where they are, for the stacks.
        put(token.at, blank(clause[0]), token.at + clause[0].length);
      }
    } else if (token.text === 'const' && token.depth === 0) {
      // What one cell declares another may declare anew, as either; V8 lets only `let` follow on `let`. As long as it was, for the places in stacks.
      put(token.at, 'let  ', token.at + 5);
    } else if (token.text === 'export' && token.depth === 0) {
      const rest = code.slice(token.at);
      const list = LIST.exec(rest);
      const word = list ?? /^export\s+(?:default\s+)?/.exec(rest);
      if (list?.groups.from !== undefined) hoisted += statementOf(list.groups);
      // A value without a name: the comma keeps it from being read as a block or a declaration.
      if (word !== null) put(token.at, blank(word[0]) + (NAMELESS.test(rest) ? '0, ' : ''), token.at + word[0].length);
    }
  }
  return hoisted + text + code.slice(done);
}

function blank(text) {
  return text.replace(/[^\n]/g, '');
}

function statementOf({ names, from, attributes }) {
  const call = (...wanted) => `await ${IMPORT}(${JSON.stringify(from)}, ${attributes ? `{ with: ${attributes} }` : 'undefined'}, ${JSON.stringify(wanted)})`;
  if (names === undefined) return `void ${call()}; `;
  const parts = /^(?:(?<main>[\w$]+)\s*,?\s*)?(?:\*\s*as\s+(?<all>[\w$]+)|\{(?<some>[^}]*)\})?\s*$/.exec(names.replace(COMMENT, '').trim())?.groups;
  if (!parts) return `void ${call()}; `;
  const members = (parts.some ?? '').split(',').map((part) => part.trim()).filter(Boolean).map((part) => part.replace(/\s+as\s+/, ': '));
  if (parts.main) members.unshift(`default: ${parts.main}`);
  if (!parts.all) return `let { ${members.join(', ')} } = ${call(...members.map((member) => member.split(':')[0].trim()))}; `;
  const rest = parts.main ? `let { default: ${parts.main} } = ${parts.all}; ` : '';
  return `let ${parts.all} = ${call()}; ${rest}`;
}

function isExpression(text, toJavaScript) {
  try {
    return new vm.Script(toJavaScript(`(async () => (${text}\n))`)) !== null;
  } catch {
    return false;
  }
}

function declares(rest, name) {
  // Up to the end of the statement's first line or pattern; a wrong guess costs one more error message.
  return new RegExp(`^(?:let|const|var)\\s+(?:[^;=]*?[\\s,{\\[:])?${escape(name)}\\b`).test(rest);
}

function replace(code, token, word) {
  return code.slice(0, token.at) + word + code.slice(token.at + token.text.length);
}

function escape(name) {
  return name.replace(/[$]/g, '\\$&');
}
