export default { test: { include: ['*.test.mjs'], testTimeout: 60000, server: { deps: { inline: [/durable-streams/] } } } }
