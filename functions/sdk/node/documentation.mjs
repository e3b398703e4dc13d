// JSDoc: descriptions of functions and of their parameters.

/** What a function does: the comment's text before its first tag, wherever the comment stands. */
export function descriptionOf(ts, checker, symbol, declaration) {
  const own = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
  return own || commentOf(ts, declaration);
}

/** Map of parameter name, or `object.member`, to {text, default} from @param tags. */
export function parameterDocs(ts, declaration) {
  const found = new Map();
  for (const tag of ts.getJSDocTags(declaration)) {
    if (ts.isJSDocParameterTag(tag)) add(ts, found, tag);
  }
  return found;
}

function add(ts, found, tag) {
  const name = tag.name.getText();
  found.set(name, { text: textOf(ts, tag.comment), default: defaultOf(tag) });
  const nested = tag.typeExpression?.type;
  for (const inner of nested?.jsDocPropertyTags ?? []) add(ts, found, inner);
}

/** Text of a comment; a leading dash is only punctuation. */
export function textOf(ts, comment) {
  const text = typeof comment === 'string' ? comment : ts.getTextOfJSDocComment(comment) ?? '';
  return text.replace(/^\s*-\s*/, '').trim();
}

/** The value in `[name=value]`, which the compiler reads over. */
function defaultOf(tag) {
  if (!tag.isBracketed) return undefined;
  const match = /\[\s*[\w.$]+\s*=\s*([^\]]*(?:\][^\]\n]*(?=\]))?)\]/.exec(tag.getText());
  if (match === null) return undefined;
  const text = match[1].trim();
  try {
    return JSON.parse(text.replace(/^'(.*)'$/, '"$1"'));
  } catch {
    return text;
  }
}

function commentOf(ts, declaration) {
  for (let node = declaration; node && !ts.isSourceFile(node); node = node.parent) {
    const comment = node.jsDoc?.at(-1)?.comment;
    if (comment) return textOf(ts, comment);
  }
  return '';
}
