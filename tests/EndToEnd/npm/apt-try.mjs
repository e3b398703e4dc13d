import { Sandbox } from '@e2b/code-interpreter'
const s = await Sandbox.create()
const run = async (c, o) => { const r = await s.runCode(c, o); console.log('>>', c.slice(0,60).replace(/\n/g,'\\n'), 'out:', JSON.stringify(r.logs.stdout).slice(0,200), 'res:', JSON.stringify(r.results.map(x => x.formats?.() + ':' + String(x.text).slice(0,80))), 'error:', r.error ? r.error.name + ': ' + r.error.value.slice(0,150) + r.error.traceback.slice(-700) : null) }
for (const c of ['from IPython.display import display', 'import matplotlib.pyplot as plt\nplt.plot([1,2]); plt.show()']) await run(c)
console.log('--- %reset'); for (const c of ['%matplotlib inline','import IPython','%reset -f','import matplotlib.pyplot as plt\nplt.plot([1,2]); plt.show()']) await run(c)
await s.kill()
