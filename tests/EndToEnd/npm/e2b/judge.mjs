// Drives one version of E2B's SDK over everything that it offers, against the instance that the environment names
// (E2B_API_URL, E2B_SANDBOX_URL, E2B_API_KEY). Each check prints one line: "ok NAME", "absent NAME WHY" or "FAIL NAME :: WHY".
//
//   node --import ./e2b/hosts.mjs e2b/judge.mjs PACKAGE [NAMES THAT BEGIN SO]
import { createRequire } from 'node:module'
import { commands } from './commands.mjs'
import { files } from './files.mjs'
import { interpreter } from './interpreter.mjs'
import { lifecycle } from './lifecycle.mjs'
import { network } from './network.mjs'
import { secrets } from './secrets.mjs'
import { servers } from './servers.mjs'
import { snapshots } from './snapshots.mjs'
import { templates } from './templates.mjs'
import { terminals } from './terminals.mjs'
import { collected } from './tools.mjs'
import { volumes } from './volumes.mjs'

/** The one table of what older versions lack: the first version that has it. */
const since = {
  'commands.a kill in mid-stream is a TimeoutError': '2.30.5',
  'commands.stdin through its handle': '2.30.5',
  'commands.unicode that is cut between two pieces': '2.30.5',
  'files.attributes of an upload': '2.30.5',
  'interpreter.': '2.51.0',
  'lifecycle.fork': '2.39.0',
  'lifecycle.metrics of a time': '2.30.5',
  'lifecycle.pause of files only': '2.39.0',
  'network.a port whose server speaks TLS itself': '2.50.0',
  'network.rules change while it runs': '2.30.5',
  'secrets.': '2.43.0',
  'snapshots.of a fork': '2.39.0',
}

const patience = 60_000
const [, , name, only = ''] = process.argv
const version = createRequire(import.meta.url)(`${name}/package.json`).version
const sdk = await import(name)
const all = { lifecycle, commands, terminals, files, snapshots, network, secrets, templates, volumes, servers, interpreter }
let failed = 0

// A check that fails leaves promises behind that fail with it.
process.on('unhandledRejection', () => undefined)

console.log(`version ${version}`)
for (const [group, checks] of Object.entries(all)) {
  if (!(group.startsWith(only) || only.startsWith(group))) {
    continue
  }
  const made = []
  const tools = {
    ...sdk,
    version,
    /** A sandbox that ends with its group. */
    async sandbox(...options) {
      const sandbox = await sdk.Sandbox.create(...options)
      made.push(sandbox)
      return sandbox
    },
    keep: sandbox => made.push(sandbox),
  }
  await checks(tools, (what, check) => run(`${group}.${what}`, check))
  await Promise.allSettled(made.map(s => s.kill()))
}
process.exit(failed > 0 ? 1 : 0)

async function run(name, check) {
  if (!name.startsWith(only) && !only.startsWith(name)) {
    return
  }
  const lacking = absent(name) ?? absent(name.slice(0, name.indexOf('.') + 1))
  if (lacking) {
    console.log(`absent ${name} since ${lacking}`)
    return
  }
  let timer
  collected.length = 0
  try {
    await Promise.race([check(), new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`not done in ${patience} ms`)), patience) })])
    console.log(`ok ${name}`)
  } catch (error) {
    failed++
    const seen = collected.map(text => JSON.stringify(text().slice(-300))).join(', ')
    console.log(`FAIL ${name} :: ${`${error?.message} | seen: ${seen} | ${error?.stack}`.replaceAll('\n', ' | ').slice(0, 900)}`)
  } finally {
    clearTimeout(timer)
  }
}

function absent(name) {
  const first = since[name]
  return first && order(version) < order(first) ? first : undefined
}

function order(text) {
  return text.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0)
}
