// What checks have in common.
import assert from 'node:assert/strict'

export { assert }

/** The error that a promise ends with; one that ends well fails the check. */
export async function failure(promise, kind) {
  let value
  try {
    value = await promise
  } catch (error) {
    if (kind) {
      assert.ok(error instanceof kind, `a ${error?.constructor?.name} instead of a ${kind.name}: ${error?.message}`)
    }
    return error
  }
  assert.fail(`it should have failed and gave ${JSON.stringify(value)}`)
}

/** Asks again until the answer is truthy. The judge's own patience ends it. */
export async function until(ask) {
  for (;;) {
    const answer = await ask()
    if (answer) {
      return answer
    }
    await new Promise(again => setTimeout(again, 50))
  }
}

/** A promise with its handles outside. */
export function signal() {
  let set, fail
  const promise = new Promise((resolve, reject) => { set = resolve; fail = reject })
  return { promise, set, fail }
}

/** What the collectors of this check hold, for the message of one that fails. */
export const collected = []

/** Collects what a callback gets; `has(text)` waits for a text in it. */
export function collector() {
  let text = ''
  let waiting = []
  const decoder = new TextDecoder()
  collected.push(() => text)
  return {
    add(piece) {
      text += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true })
      waiting = waiting.filter(w => !(text.includes(w.wanted) && (w.set(text), true)))
    },
    has(wanted) {
      return text.includes(wanted) ? Promise.resolve(text) : new Promise(set => waiting.push({ wanted, set }))
    },
    get text() { return text },
  }
}

export function bytes(length, seed = 1) {
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    out[i] = seed >> 16
  }
  return out
}
