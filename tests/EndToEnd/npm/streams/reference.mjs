// The protocol's reference server, on files.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DurableStreamTestServer } from '@durable-streams/server'

await new DurableStreamTestServer({ port: Number(process.argv[2]), dataDir: mkdtempSync(join(tmpdir(), 'toolrt-peer-')) }).start()
