const text = { type: 'string' };
const place = { message: 'Where?', requestedSchema: { type: 'object', properties: { place: text } } };

/**
 * Shows what a function can do beside returning.
 * @param {import('toolruntime').Context} ctx
 * @returns {Promise<{name: string, place: string, sum: number, secret: number}>}
 */
export async function tour_node(ctx) {
  ctx.progress(1, 2, 'begun');
  ctx.log('a line for the log');
  ctx.emit('a piece');
  ctx.checkpoint({ at: 1 });
  const who = await ctx.elicit('Who is there?', { type: 'object', properties: { name: text } });
  const answers = await ctx.ask({ where: { method: 'elicitation/create', params: place } });
  return {
    name: who.content.name,
    place: answers.where.content.place,
    sum: await ctx.tools.call('add', { a: 1, b: 2 }),
    secret: process.env.TOUR_TOKEN.length,
  };
}
