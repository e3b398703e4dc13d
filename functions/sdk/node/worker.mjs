// The resident Node worker: docs/PROTOCOL.md section 2 on the file descriptors 3 (in) and 4 (out).

import { Channel } from './channel.mjs';
import { Server } from './server.mjs';

const CONTROL_IN = 3;
const CONTROL_OUT = 4;

new Server(new Channel(CONTROL_IN, CONTROL_OUT)).run();
