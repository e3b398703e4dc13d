// One interpreter: V8's own REPL mode, which keeps let, const and class over cells, lets them be declared again, and awaits.

import inspector from 'node:inspector';
import { types } from 'node:util';
import { promiseHooks } from 'node:v8';
import { Display } from './display.mjs';
import { Interrupted, isNotParsed, Thrown } from './errors.mjs';
import { importFrom, installModules } from './modules.mjs';
import { asExpression, avoidRedeclaration, prepare } from './source.mjs';
import { javaScriptOf, loweredOf, warmUp } from './typescript.mjs';

const GROUP = 'cell';
const DECLARED = /^SyntaxError: Identifier '([^']+)' has already been declared/;

/** Runs cells, one at a time. */
export class Session {
  count = 0;
  #output;
  #display;
  #isTypeScript;
  #inspector = new inspector.Session();
  #taken;
  #held = new Set();

  constructor(output, isTypeScript) {
    this.#output = output;
    this.#isTypeScript = isTypeScript;
    this.#display = new Display(output);
  }

  /** Gives cells what they know beside Node's own globals. */
  install() {
    this.#inspector.connect();
    installModules();
    const hidden = {
      __toolrt_take__: (value) => { this.#taken = value; },
      __toolrt_import__: importFrom,
    };
    for (const [name, value] of Object.entries({ ...hidden, display: this.#display.function() })) {
      Object.defineProperty(globalThis, name, { value, enumerable: false, writable: true, configurable: true });
    }
  }

  /** Starts ahead what the first cell would wait for. */
  warmUp() {
    if (this.#isTypeScript) warmUp();
    this.#post('0', () => undefined);
  }

  /** Runs a cell; what it shows is sent as events, while it still runs. Throws its error. */
  async execute(code, isRunning) {
    this.count++;
    this.#output.event({ type: 'number_of_executions', execution_count: this.count });
    const name = `cell-${this.count}`;
    const { result, exceptionDetails } = await this.#run(code, name);
    const value = this.#valueOf(result);
    this.#inspector.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    if (exceptionDetails) throw new Thrown(value, exceptionDetails, name, code);
    const shown = types.isPromise(value) ? await this.#settled(value, name, code) : value;
    if (shown !== undefined && isRunning()) this.#display.show(shown, true);
  }

  async #run(code, name) {
    const result = await this.#evaluate(prepare(this.#isTypeScript ? this.#stripped(code, name) : code), name);
    const lowered = this.#isTypeScript && isNotParsed(result) ? loweredOf(code, name) : undefined;
    return lowered === undefined ? result : this.#evaluate(prepare(lowered), name);
  }

  /** What was asked for is what a promise gives, and what it does until then belongs to the cell: `main()` is all that many a program says last. */
  async #settled(promise, name, code) {
    try {
      return await promise;
    } catch (error) {
      throw new Thrown(error, {}, name, code);
    }
  }

  /** Objects are told from blocks first: as a block, `{a: 1, b: 2}` is no TypeScript. */
  #stripped(code, name) {
    return javaScriptOf(asExpression(code, (text) => javaScriptOf(text, name)), name);
  }

  async #evaluate(source, name) {
    let expression = source;
    for (let tries = 0; ; tries++) {
      const result = await this.#evaluateOnce(`${expression}\n//# sourceURL=${name}`);
      const declared = DECLARED.exec(result.exceptionDetails?.exception?.description ?? '')?.[1];
      const changed = declared === undefined || tries > MOST_RENAMED ? expression : avoidRedeclaration(expression, declared);
      if (changed === expression) return result;
      expression = changed;
    }
  }

  #evaluateOnce(expression) {
    return new Promise((resolve, reject) => {
      this.#post(expression, (error, result) => (error ? reject(new Interrupted()) : resolve(result)));
    });
  }

  #post(expression, onDone) {
    const request = { expression, replMode: true, awaitPromise: true, objectGroup: GROUP, userGesture: false };
    // The first promise is that of the cell itself. It is held, for the inspector crashes when one that it waits for is collected.
    const stop = promiseHooks.onInit((promise) => {
      stop();
      this.#held.add(promise);
      promise.finally(() => this.#held.delete(promise)).catch(() => undefined);
    });
    this.#inspector.post('Runtime.evaluate', request, onDone);
    stop();
  }

  /** The value itself, of which the inspector gives a description only. */
  #valueOf(remote) {
    if (remote.objectId === undefined) {
      return remote.unserializableValue === undefined ? remote.value : number(remote.unserializableValue);
    }
    this.#taken = undefined;
    const functionDeclaration = 'function () { "use strict"; __toolrt_take__(this); }';
    this.#inspector.post('Runtime.callFunctionOn', { objectId: remote.objectId, functionDeclaration, silent: true });
    const value = this.#taken;
    this.#taken = undefined;
    return value;
  }
}

// Each try settles one name.
const MOST_RENAMED = 50;

function number(text) {
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}
