// The JavaScript and TypeScript kernel: docs/PROTOCOL.md section 3 on the file descriptors 3 (in) and 4 (out).
// usage: node kernel.mjs [--typescript]

import { Server } from './server.mjs';

const CONTROL_IN = 3;
const CONTROL_OUT = 4;

const isTypeScript = process.argv.includes('--typescript');
process.argv.splice(1);
new Server(CONTROL_OUT, isTypeScript).run(CONTROL_IN);
