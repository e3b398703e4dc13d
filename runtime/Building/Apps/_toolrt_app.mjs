// Gives the functions of an app in the Azure Functions schema to the worker as tools, one of `tools` for each.

import { readFileSync } from 'node:fs';

const log = Object.assign((...parts) => console.log(...parts), {
  error: (...parts) => console.error(...parts),
  warn: (...parts) => console.warn(...parts),
  info: (...parts) => console.info(...parts),
  verbose: (...parts) => console.debug(...parts),
});

const table = JSON.parse(readFileSync(new URL('./_toolrt_app.json', import.meta.url), 'utf8'));

export const tools = await Promise.all(table.map(toolOf));

async function toolOf(said) {
  const target = find(await import(new URL(said.script.split('/').map(encodeURIComponent).join('/'), import.meta.url).href), said);
  return (args, ctx) => {
    const payload = {
      name: said.tool,
      arguments: args,
      sessionid: ctx.session,
      transport: { name: 'unknown', sessionId: ctx.session, properties: { headers: {} } },
    };
    return target(contextOf(said, payload, ctx), payload);
  };
}

/** The function that the public host would call: the named export, or the only one, or `run` or `index`. */
function find(module, said) {
  const main = module.default;
  const exports = typeof main === 'object' && main !== null ? { ...module, ...main } : module;
  const functions = Object.entries(exports).filter(([name, value]) => typeof value === 'function' && name !== 'module.exports');
  const chosen = said.entryPoint
    ? exports[said.entryPoint] ?? main?.[said.entryPoint]
    : typeof main === 'function' ? main : functions.length === 1 ? functions[0][1] : exports.run ?? exports.index;
  if (typeof chosen !== 'function') {
    const what = said.entryPoint ? `function '${said.entryPoint}'` : 'exported function, or more than one and none of them run or index';
    throw new Error(`${said.script} has no ${what}; ${said.name}/function.json names it by entryPoint`);
  }
  return chosen.bind(typeof main === 'object' && main !== null ? main : module);
}

function contextOf(said, payload, ctx) {
  const bindingData = {
    invocationId: ctx.invocation,
    [said.binding]: payload,
    mcptoolcontext: payload,
    mcpsessionid: ctx.session,
    mcptoolargs: Object.fromEntries(Object.entries(payload.arguments)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])),
  };
  return {
    invocationId: ctx.invocation,
    executionContext: { invocationId: ctx.invocation, functionName: said.name, functionDirectory: new URL(`./${said.name}`, import.meta.url).pathname },
    bindings: { [said.binding]: payload },
    bindingData,
    triggerMetadata: bindingData,
    log,
  };
}
