using System.Globalization;
using System.Net.Sockets;
using System.Text;

using ToolRuntime.Bus;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>
/// A connection to a message server that writes messages made beforehand and counts what comes back without reading it: what is left of a figure when nothing
/// of ours takes part is what the server and this machine can do.
/// </summary>
internal sealed class BareBus : IDisposable
{
    private const int BufferSize = 1 << 20;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private BareBus()
    {
    }

    public static async Task<BareBus> ConnectAsync(BusOptions options)
    {
        var (url, bus) = (new Uri(options.Servers[0]), new BareBus());
        var password = options.PasswordFile is { } file ? (await File.ReadAllTextAsync(file)).Trim() : "";
        await bus._socket.ConnectAsync(url.Host, url.Port);
        bus.Send(Encoding.UTF8.GetBytes($$"""CONNECT {"verbose":false,"headers":true,"user":"{{options.User}}","pass":"{{password}}"}{{"\r\n"}}"""));
        bus.Settle();
        return bus;
    }

    /// <summary>Subscribes to subjects; ends when the server has them all.</summary>
    public void Subscribe(IEnumerable<string> subjects)
    {
        foreach (var some in subjects.Select((subject, number) => $"SUB {subject} {number + 1}\r\n").Chunk(10_000))
        {
            Send(Encoding.UTF8.GetBytes(string.Concat(some)));
        }

        Settle();
    }

    /// <summary>A message that is stored, as the writer of a topic sends its first.</summary>
    public static byte[] Stored(string subject, string inbox, ReadOnlySpan<byte> payload)
    {
        var headers = "NATS/1.0\r\nToolrt-Id: bare:1:1:1\r\nNats-Expected-Last-Subject-Sequence: 0\r\n\r\n";
        return [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HPUB {subject} {inbox} {headers.Length} {headers.Length + payload.Length}\r\n{headers}")), .. payload, .. "\r\n"u8];
    }

    /// <summary>The question for a stored message.</summary>
    public static byte[] Get(string stream, ulong sequence, string inbox)
    {
        var body = string.Create(CultureInfo.InvariantCulture, $$"""{"seq":{{sequence}}}""");
        return Encoding.UTF8.GetBytes($"PUB $JS.API.DIRECT.GET.{stream} {inbox} {body.Length}\r\n{body}\r\n");
    }

    /// <summary>Sends messages, so many unanswered at once, and waits for an answer to each.</summary>
    public void Exchange(IReadOnlyList<byte[]> messages, int window)
    {
        var (next, answered, batch) = (0, 0, new MemoryStream());
        Counted(count =>
        {
            answered += count;
            for (batch.SetLength(0); next < messages.Count && next - answered < window; next++)
            {
                batch.Write(messages[next]);
            }

            Send(batch.GetBuffer().AsSpan(0, (int)batch.Length));
            return answered < messages.Count;
        });
    }

    /// <summary>Waits until so many messages have come.</summary>
    public void Receive(int count) => Counted(some => (count -= some) > 0);

    public void Dispose() => _socket.Dispose();

    private void Settle()
    {
        Send("PING\r\n"u8);
        var (buffer, seen) = (new byte[BufferSize], "");
        while (!seen.Contains("PONG\r\n", StringComparison.Ordinal))
        {
            seen = seen[^Math.Min(seen.Length, 8)..] + Encoding.ASCII.GetString(buffer, 0, _socket.Receive(buffer));
            if (seen.Contains("-ERR", StringComparison.Ordinal))
            {
                throw new InvalidDataException(seen);
            }
        }
    }

    /// <summary>Reads until <paramref name="go"/>, which is told how many messages have come since it was asked last, says that it is enough.</summary>
    private void Counted(Func<int, bool> go)
    {
        var mark = "MSG "u8;
        var (buffer, kept, count) = (new byte[BufferSize], 0, 0);
        while (go(count))
        {
            var end = kept + _socket.Receive(buffer.AsSpan(kept));
            count = buffer.AsSpan(0, end).Count(mark);
            // A mark that is cut in two is counted with what follows.
            kept = Math.Min(end, mark.Length - 1);
            buffer.AsSpan(end - kept, kept).CopyTo(buffer);
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }
}
