// What a cell has begun and not awaited: what a timer, a callback or a child prints soon still belongs to the cell.

import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 2000;
const LOOK_MS = 5;
// These stay until they are closed: nobody waits for their end.
const LASTING = new Set(['TCPServerWrap', 'PipeServerWrap', 'UDPWrap', 'FSEventWrap', 'StatWatcher', 'SignalWrap', 'TTYWrap', 'MessagePort']);

/** What keeps the event loop alive now, by kind. */
export function active() {
  const counts = new Map();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!LASTING.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Until there is no more than before, or for as long as patience lasts. */
export async function untilLeft(before) {
  const end = performance.now() + PATIENCE_MS;
  while (hasMore(before) && performance.now() < end) await sleep(LOOK_MS, undefined, { ref: false });
}

function hasMore(before) {
  return [...active()].some(([kind, count]) => count > (before.get(kind) ?? 0));
}
