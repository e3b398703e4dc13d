// The same functions as behaviour.py: both workers must behave alike.

import { writeSync } from 'node:fs';

const fromLoad = process.env.FROM_LOAD;

export const add = (a, b) => a + b;
export const same = (value) => value;
export const large = (size) => 'x'.repeat(size);
export const environment = () => fromLoad;
export const fail = (text) => { throw new RangeError(text); };
export const not_a_number = () => ({ x: NaN });
export const picture = (ctx) => [ctx.image(Buffer.from('abc')), 'a caption'];

export function* stream(n) {
  for (let i = 0; i < n; i++) {
    console.log(`line ${i}`);
    yield i;
  }
}

export async function* stream_later(n) {
  for (let i = 0; i < n; i++) {
    await null;
    yield String(i);
  }
}

export function* stream_then_return(n) {
  for (let i = 0; i < n; i++) yield i;
  return 'all';
}

export function* stream_much() {
  for (;;) yield 'x'.repeat(1000);
}

export function events(ctx) {
  ctx.progress(1, 2, 'half');
  ctx.log('careful', 'warning');
  ctx.emit({ piece: 1 });
  ctx.checkpoint({ at: 1 });
  return { session: ctx.session, attempt: ctx.attempt, traceparent: ctx.traceparent, previous: ctx.previousCheckpoint ?? null };
}

export async function events_later(ctx) {
  await ctx.progress(1);
  return (await ctx.tools.call('add', { a: 1, b: 2 })) + 1;
}

export const call_tool = (name, ctx) => ctx.tools.call(name, { a: 1, b: 2 });

export async function ask(ctx) {
  const answer = await ctx.elicit('Your name?', { type: 'object', properties: { name: { type: 'string' } } });
  return answer.action === 'accept' ? answer.content.name : answer.action;
}

export async function ask_several(ctx) {
  const form = { message: 'Name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } };
  const answers = await ctx.ask({ who: { method: 'elicitation/create', params: form }, roots: { method: 'roots/list' } });
  return [answers.who.content.name, answers.roots.roots.length];
}

export function print_much() {
  const text = `${'x'.repeat(1023)}\n`;
  for (let i = 0; i < 1024 * 1024; i++) process.stdout.write(text);
  return 'printed';
}

export function print_frames() {
  const frame = Buffer.alloc(9 + 12);
  frame.writeUInt32LE(5 + 12, 0);
  frame[4] = 19;
  frame.writeUInt32LE(1, 5);
  frame.write('{"value":66}', 9);
  process.stdout.write(frame);
  writeSync(1, frame);
  writeSync(2, frame);
  return 'honest';
}

export async function print_parts(who) {
  for (const part of [who, ' ', 'says', ' hi\n']) {
    process.stdout.write(part);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  process.stdout.write('no end of line');
  return who;
}

export async function forever(ctx) {
  ctx.log('waiting');
  await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
}

export async function sleep(seconds, ctx) {
  ctx.log('sleeping');
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return 'slept';
}

export const leave = () => process.exit(7);
