using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>A bare pipe into the product's own Python worker under runsc: no agent, no bus, no gateway.</summary>
internal sealed class BarePipe : IDisposable
{
    private const string Worker = "exec python3 /toolrt/sdk/python/worker.py 3<&0 4>&1 1>&2";
    private readonly Process _process;
    private readonly FramePipe _pipe;

    /// <summary>Starts the worker and loads <paramref name="entry"/> of the scripts folder.</summary>
    public BarePipe(Sandboxing sandboxing, string entry)
    {
        var id = $"pipe{Guid.NewGuid():n}";
        var bundle = Path.Combine(sandboxing.Work, id);
        RunscBundle.Write(bundle, sandboxing, ["/bin/sh", "-c", Worker]);
        _process = Process.Start(BareRunsc.Start(sandboxing, bundle, id))!;
        _pipe = new FramePipe(_process.StandardOutput.BaseStream, _process.StandardInput.BaseStream);
        _pipe.Read();
        _pipe.Ask(1, 0, Encoding.UTF8.GetBytes($$"""{"root":"/layers","entry":"{{entry}}","language":"python","environment":{},"concurrency":16,"outputBytes":1000000,"inspect":false}"""));
    }

    /// <summary>One call of <paramref name="tool"/>; gives the RESULT's payload.</summary>
    public ReadOnlyMemory<byte> Call(uint call, string tool, string arguments)
    {
        var head = $$"""{"entry":"{{tool}}","tool":"{{tool}}","invocation":"i{{call}}","session":"s","tenant":"local","function":"f","attempt":1,"deadlineMs":60000,"stream":false}""";
        var payload = new byte[4 + head.Length + arguments.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, head.Length);
        Encoding.UTF8.GetBytes(head + arguments, payload.AsSpan(4));
        var (type, result) = _pipe.Ask(2, call, payload);
        return type == 19 ? result : throw new InvalidOperationException($"frame {type}: {Encoding.UTF8.GetString(result.Span)}");
    }

    public void Dispose() => _process.Kill();
}
