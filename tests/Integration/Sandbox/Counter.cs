using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>A program with a state in memory: each line that it is sent counts one up, and the answer tells the count and what it was sent.</summary>
internal static class Counter
{
    private const string Id = "counter";
    private const string Program = "import sys\nheld = bytearray(int(sys.argv[1]))\nfor i in range(0, len(held), 4096): held[i] = 1 + i % 255\nn = 0\nfor line in sys.stdin:\n    n += 1\n    print(n, sum(held[::4096]) % 1000, line.strip(), flush=True)\n";

    /// <summary>Starts it with <paramref name="mebibytes"/> of memory in use.</summary>
    public static async Task<AgentProcess> StartAsync(ISandboxLease lease, int mebibytes, CancellationToken cancellationToken)
    {
        var spec = new ProcessSpec { Id = Id, Arguments = ["python3", "-S", "-u", "-c", Program, $"{mebibytes << 20}"], StandardInput = true };
        return await lease.Agent.SpawnAsync(spec, cancellationToken);
    }

    /// <summary>Finds it again in a restored sandbox.</summary>
    public static ValueTask<AgentProcess> FindAsync(ISandboxLease lease, CancellationToken cancellationToken) => lease.Agent.AttachAsync(Id, cancellationToken);

    /// <summary>Sends a word; the line that comes back.</summary>
    public static async Task<string> AskAsync(AgentProcess counter, string word, CancellationToken cancellationToken)
    {
        await counter.WriteAsync(Encoding.UTF8.GetBytes(word + "\n"), cancellationToken);
        var line = new StringBuilder();
        while (line.Length == 0 || line[^1] != '\n')
        {
            var piece = await counter.ReadAsync(cancellationToken) ?? throw new InvalidDataException($"the counter ended: {line}");
            line.Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        return line.ToString().Trim();
    }
}
