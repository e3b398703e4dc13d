// Runs every version of the SDK and writes what came of it into a document, between its two marks:
//
//   node --import ./e2b/hosts.mjs e2b/matrix.mjs ../../../docs/e2b.md
//
// The environment is that of judge.mjs.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const packages = ['e2b', 'e2b-2.50', 'e2b-2.39', 'e2b-2.30', 'e2b-2.20']
const [begin, end] = ['<!-- what tests/EndToEnd/npm/e2b/matrix.mjs printed: begin -->', '<!-- end -->']
const document = process.argv[2]
const rows = new Map()
const versions = []

for (const name of packages) {
  const ran = spawnSync(process.execPath, ['--import', './e2b/hosts.mjs', 'e2b/judge.mjs', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const [first, ...lines] = ran.stdout.trim().split('\n')
  const version = first.slice('version '.length)
  versions.push(version)
  for (const line of lines) {
    const [, kind, check, since] = /^(ok|absent|FAIL) ([a-z]+\..+?)(?: since ([0-9.]+)| :: .*)?$/.exec(line) ?? []
    if (!rows.has(check)) {
      rows.set(check, new Map())
    }
    rows.get(check).set(version, kind === 'ok' ? '✓' : kind === 'absent' ? `since ${since}` : '✗')
  }
  console.error(`${version}: ${lines.filter(l => l.startsWith('ok ')).length} ok, ${lines.filter(l => l.startsWith('absent ')).length} absent, ${lines.filter(l => l.startsWith('FAIL ')).length} failed`)
  lines.filter(l => l.startsWith('FAIL ')).forEach(l => console.error(`  ${l}`))
}

const table = [
  `| what | ${versions.map(v => `e2b ${v}`).join(' | ')} |`,
  `|---|${versions.map(() => '---|').join('')}`,
  ...[...rows].map(([check, of]) => `| ${check} | ${versions.map(v => of.get(v) ?? '').join(' | ')} |`),
].join('\n')
const text = readFileSync(document, 'utf8')
writeFileSync(document, `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${table}\n\n${text.slice(text.indexOf(end))}`)
