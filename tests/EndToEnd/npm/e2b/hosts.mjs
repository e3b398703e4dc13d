// glibc resolves no name below localhost; the names of sandboxes' ports are this machine's.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

const system = dns.lookup
dns.lookup = (name, options, done) => {
  if (typeof options === 'function') {
    [options, done] = [{}, options]
  }
  if (!name.endsWith('.localhost')) {
    return system(name, options, done)
  }
  return process.nextTick(() => options?.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4))
}
syncBuiltinESMExports()
