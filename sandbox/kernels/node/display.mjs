// Values as result events: their text, and every form in which they can show themselves.

import { inspect } from 'node:util';

const FIELDS = {
  'text/plain': 'text', 'text/html': 'html', 'text/markdown': 'markdown', 'image/svg+xml': 'svg', 'image/png': 'png', 'image/jpeg': 'jpeg',
  'application/pdf': 'pdf', 'text/latex': 'latex', 'application/json': 'json', 'application/javascript': 'javascript',
};
// What notebooks of other makers ask of a value.
const METHODS = {
  'text/html': ['toHTML', 'toHtml', '_toHtml', '_repr_html_'],
  'text/markdown': ['toMarkdown', '_toMd', '_repr_markdown_'],
  'image/svg+xml': ['toSVG', 'toSvg', '_toSvg', '_repr_svg_'],
  'image/png': ['_toPng', '_repr_png_'],
  'image/jpeg': ['_toJpeg', '_repr_jpeg_'],
  'text/latex': ['toLatex', '_repr_latex_'],
};
const BUNDLE = Symbol.for('Jupyter.display');
const SHORT = { html: 'text/html', markdown: 'text/markdown', md: 'text/markdown', svg: 'image/svg+xml', png: 'image/png', jpeg: 'image/jpeg', jpg: 'image/jpeg', latex: 'text/latex', json: 'application/json', javascript: 'application/javascript', text: 'text/plain' };

/** Sends result events. */
export class Display {
  #output;

  constructor(output) {
    this.#output = output;
  }

  /** The global function display: display(value), display({'text/html': …}), display.html(text) and so on. */
  function() {
    const display = (...values) => values.forEach((value) => (isBundle(value) ? this.#send(value, false) : this.show(value, false)));
    for (const [name, mime] of Object.entries(SHORT)) display[name] = (data) => this.#send({ [mime]: data }, false);
    return display;
  }

  /** Shows one value in all its forms. */
  show(value, isMain) {
    this.#send({ 'text/plain': typeof value === 'string' ? value : inspect(value), ...this.#forms(value) }, isMain);
  }

  #forms(value) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return {};
    const whole = this.#ask(value, BUNDLE) ?? this.#ask(value, '_toMime');
    if (whole !== undefined && whole !== null) return whole;
    const forms = {};
    for (const [mime, names] of Object.entries(METHODS)) {
      const data = names.map((name) => this.#ask(value, name)).find((each) => typeof each === 'string' || each instanceof Uint8Array);
      if (data !== undefined) forms[mime] = data;
    }
    return forms;
  }

  /** One form that fails must not take the others away. */
  #ask(value, name) {
    try {
      return typeof value[name] === 'function' ? value[name]() : undefined;
    } catch (error) {
      this.#output.write('stderr', `${String(name)}: ${error}\n`);
      return undefined;
    }
  }

  #send(bundle, isMain) {
    const event = { type: 'result', is_main_result: isMain };
    for (const [mime, data] of Object.entries(bundle)) {
      const value = data instanceof Uint8Array ? Buffer.from(data).toString('base64') : data;
      if (FIELDS[mime] !== undefined) event[FIELDS[mime]] = value;
      else (event.extra ??= {})[mime] = value;
    }
    try {
      this.#output.event(event);
    } catch (error) {
      this.#output.write('stderr', `this result cannot be shown: ${error.message}\n`);
    }
  }
}

function isBundle(value) {
  if (value === null || typeof value !== 'object' || value[BUNDLE]) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^[a-z]+\/[a-z0-9.+-]+$/.test(key));
}
