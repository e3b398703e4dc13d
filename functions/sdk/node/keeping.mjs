// What outlives a call: steps that are done once, the memory of a session and a tenant, mailboxes.

/** A write with `ifRevision` found the key at another revision: `revision`, 0 where there is no such key. */
export class StateConflict extends Error {
  constructor(key, revision) {
    super(`'${key}' is at revision ${revision}`);
    this.name = 'StateConflict';
    this.key = key;
    this.revision = revision;
  }
}

/** Small JSON values by key, of the session; `tenant` are those that all sessions of the tenant share. */
export class State {
  #call;
  #scope;

  constructor(call, scope = 'session') {
    this.#call = call;
    this.#scope = scope;
    if (scope === 'session') this.tenant = new State(call, 'tenant');
  }

  /** The value of a key, or undefined. */
  async get(key) {
    return (await this.entry(key)).value;
  }

  /** `{value, revision, expires}`; revision 0 where there is no such key. */
  entry(key) {
    return this.#ask('get', { key });
  }

  /** Keeps a value, for `ttl` seconds where that is given; gives its revision. With `ifRevision` (0: it must not be there) throws StateConflict. */
  async put(key, value, { ttl, ifRevision } = {}) {
    return revisionOf(key, await this.#ask('put', { key, value, ttl, ifRevision }));
  }

  /** Forgets a key; false where it is not there. */
  async delete(key, { ifRevision } = {}) {
    const done = await this.#ask('delete', { key, ifRevision });
    return done.deleted ?? revisionOf(key, done);
  }

  /** The keys that begin so: `{key, revision, expires}`. */
  async list(prefix = '') {
    return (await this.#ask('list', { prefix })).keys;
  }

  #ask(word, params) {
    return this.#call.ask(`state.${word}`, { ...params, scope: this.#scope });
  }
}

/** Mailboxes of the tenant by name; the first message makes one. */
export class Mailbox {
  #call;

  constructor(call) {
    this.#call = call;
  }

  /** Puts a message into a mailbox and gives its id; a second one with the same `key` is not put. */
  async send(to, body, { key, ttl } = {}) {
    return (await this.#call.ask('mailbox.send', { to, body, key, ttl })).id;
  }

  /** Messages, each this receiver's for `lease` seconds: ack them, or they come again. Waits up to `wait` seconds for the first. */
  async receive(name, { max = 1, wait = 0, lease = 30 } = {}) {
    const { messages } = await this.#call.ask('mailbox.receive', { name, max, wait, lease });
    return messages.map((message) => ({
      ...message,
      ack: async () => (await this.#call.ask('mailbox.ack', { name, ids: [message.id] })).acked.includes(message.id),
      reply: async (body) => void (await this.#call.ask('mailbox.reply', { replyTo: message.replyTo, body })),
    }));
  }

  /** Sends a message and gives the answer's body. */
  async request(to, body, { timeout = 30, key } = {}) {
    return (await this.#call.ask('mailbox.request', { to, body, timeout, key })).body;
  }
}

/** Runs `run` once for each invocation and name; see Context.step. */
export async function step(call, name, run) {
  const begun = await call.ask('step.begin', { name });
  if ('value' in begun) return begun.value;
  let value;
  try {
    value = await run();
  } catch (error) {
    if (!call.signal.aborted) await call.ask('step.leave', { name });
    throw error;
  }
  return (await call.ask('step.finish', { name, value: value ?? null })).value;
}

function revisionOf(key, written) {
  if (written.conflict) throw new StateConflict(key, written.revision);
  return written.revision;
}
