using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

using ToolRuntime.Benchmarks.Figures;

namespace ToolRuntime.Benchmarks.Load;

/// <summary>One thread that keeps <see cref="LoadSpec.Connections"/> calls in flight and takes their times.</summary>
internal sealed class ClosedLoop : IDisposable
{
    private const int CheckedOneIn = 100;
    private const int LongestSilence = 60_000;
    private readonly LoadSpec _spec;
    private readonly RequestTemplate _template;
    private readonly Epoll _epoll = new();
    private readonly Connection[] _connections;
    private readonly Random _random;
    private readonly List<double> _times = new(100_000);
    private long _sent;
    private long _answered;
    private long _checked;
    private long _inWindow;
    private long _warm;
    private long _end;
    private int _answerBytes;

    public ClosedLoop(LoadSpec spec)
    {
        _spec = spec;
        _template = new RequestTemplate(spec);
        _random = new Random(spec.Seed);
        _connections = [.. Enumerable.Range(0, spec.Connections).Select(_ => new Connection(spec.Port))];
        for (var i = 0; i < _connections.Length; i++)
        {
            _epoll.Watch(_connections[i].Socket.Handle, i);
        }
    }

    /// <summary>Runs the load and waits for the last answers.</summary>
    /// <exception cref="InvalidDataException">An answer was wrong or did not come.</exception>
    public LoadResult Run()
    {
        _warm = Stopwatch.GetTimestamp() + Ticks(_spec.WarmSeconds);
        _end = _warm + Ticks(_spec.Seconds);
        foreach (var connection in _connections)
        {
            Send(connection);
        }

        var last = _warm;
        Span<int> ready = stackalloc int[256];
        while (_answered < _sent)
        {
            var count = _epoll.Wait(ready, LongestSilence);
            if (count == 0)
            {
                throw new InvalidDataException($"{_sent - _answered} calls were not answered within {LongestSilence / 1000} s");
            }

            last = Stopwatch.GetTimestamp();
            foreach (var index in ready[..count])
            {
                Read(_connections[index], last < _end && _inWindow < _spec.MostCalls);
            }
        }

        return Result(Stopwatch.GetElapsedTime(_warm, Math.Min(last, _end)).TotalSeconds);
    }

    public void Dispose()
    {
        _epoll.Dispose();
        foreach (var connection in _connections)
        {
            connection.Socket.Dispose();
        }
    }

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);

    private void Send(Connection connection)
    {
        var (bytes, number) = _template.Make(_sent++);
        connection.Number = number;
        connection.Have = 0;
        connection.SentAt = Stopwatch.GetTimestamp();
        connection.Socket.Send(bytes.Span);
    }

    private void Read(Connection connection, bool goOn)
    {
        if (!connection.Receive(out var body))
        {
            return;
        }

        var now = Stopwatch.GetTimestamp();
        _answered++;
        _answerBytes = connection.Have - body;
        // The rate is of the answers within the window; the times are those of calls that began after the warm-up.
        _inWindow += now >= _warm && now < _end ? 1 : 0;
        if (connection.SentAt >= _warm)
        {
            _times.Add(Stopwatch.GetElapsedTime(connection.SentAt, now).TotalMilliseconds);
        }

        Check(connection, body);
        if (goOn)
        {
            Send(connection);
        }
    }

    private void Check(Connection connection, int body)
    {
        var answer = connection.Buffer.AsSpan(0, connection.Have);
        if (HttpAnswer.Status(answer) != 200)
        {
            throw new InvalidDataException(Encoding.UTF8.GetString(answer));
        }

        if (_spec.Expect is null || (_random.Next(CheckedOneIn) != 0 && _answered > 1))
        {
            return;
        }

        var expected = _spec.Expect.Replace("@M@", Answers.Of(connection.Number).ToString(), StringComparison.Ordinal);
        if (answer[body..].IndexOf(Encoding.UTF8.GetBytes(expected)) < 0)
        {
            throw new InvalidDataException($"call {connection.Number}: expected {expected} in {Encoding.UTF8.GetString(answer)}");
        }

        _checked++;
    }

    private LoadResult Result(double seconds) => new()
    {
        Calls = _inWindow,
        AllCalls = _answered,
        Seconds = seconds,
        Checked = _checked,
        Latency = Percentiles.Of(_times),
        AnswerBytes = _answerBytes,
    };

    private sealed class Connection
    {
        public Connection(int port)
        {
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(IPAddress.Loopback, port);
        }

        public Socket Socket { get; }

        public byte[] Buffer { get; private set; } = new byte[16 * 1024];

        public int Have { get; set; }

        public long Number { get; set; }

        public long SentAt { get; set; }

        public bool Receive(out int body)
        {
            if (Have == Buffer.Length)
            {
                var larger = new byte[Buffer.Length * 2];
                Buffer.CopyTo(larger, 0);
                Buffer = larger;
            }

            var read = Socket.Receive(Buffer.AsSpan(Have));
            if (read == 0)
            {
                throw new InvalidDataException("the server closed the connection");
            }

            Have += read;
            return HttpAnswer.IsWhole(Buffer.AsSpan(0, Have), out body);
        }
    }
}
