using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.Logs;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Runtime.Egress.Tls;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Egress;

/// <summary>One sandbox's way out, with a test in the place of the agent.</summary>
internal sealed class ProxyMachine : IAsyncDisposable
{
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-egress-").FullName;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Task> _served = [];

    public ProxyMachine(EgressRules rules, X509Certificate2? trusted = null, TimeProvider? time = null, TimeSpan? patience = null)
    {
        _listener.Start();
        var trust = trusted is null ? null : new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust?.CustomTrustStore.Add(trusted!);
        Authority = EgressAuthority.In(_folder, TimeProvider.System);
        var clock = time ?? TimeProvider.System;
        Services = new EgressServices(
            new NameCache(async (name, _) => await Resolve(name), clock),
            new EgressSecrets((_, names, _) => Task.FromResult<IReadOnlyDictionary<string, string>>(Secrets.Where(s => names.Contains(s.Key)).ToDictionary()), clock),
            new TlsTerms(Authority, trust),
            TimeProvider.System,
            NullLogger.Instance)
        { Patience = patience ?? Timeout };
        Proxy = new EgressProxy(Services, "local", rules, PackageMirrors.None, new DecisionLog(Lines.Add, TimeProvider.System));
    }

    public EgressServices Services { get; }

    public EgressAuthority Authority { get; }

    public EgressProxy Proxy { get; }

    public List<LogLine> Lines { get; } = [];

    public Dictionary<string, string> Secrets { get; } = [];

    /// <summary>What names mean; every one the loopback unless told otherwise.</summary>
    public Func<string, Task<IPAddress[]>> Resolve { get; set; } = _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]);

    public static CancellationToken Within() => new CancellationTokenSource(Timeout).Token;

    /// <summary>Asks as the agent does: the host's answer, and the stream behind it.</summary>
    public async Task<(AgentReply Reply, NetworkStream Stream)> OpenAsync(string kind, string host, int port, string? method = null, string? path = null)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var accepting = _listener.AcceptSocketAsync(Within()).AsTask();
        await client.ConnectAsync(_listener.LocalEndpoint, Within());
        var stream = new SocketHalf(await accepting);
        _served.Add(ServeAsync(new EgressRequest(AgentOperation.Egress, kind, host, port, method, path), stream));
        var guest = new NetworkStream(client, ownsSocket: true);
        try
        {
            return (await AgentExchange.ReadReplyAsync(guest, "egress", Within()), guest);
        }
        catch (AgentException refused)
        {
            return (new AgentReply { Ok = false, Code = refused.Code, Message = refused.Message }, guest);
        }
    }

    /// <summary>One plain request; the whole answer.</summary>
    public async Task<string> RequestAsync(string host, int port, string head, string method = "GET", string path = "/")
    {
        var (reply, stream) = await OpenAsync(EgressKind.Http, host, port, method, path);
        await using (stream)
        {
            return reply.Ok ? await TalkAsync(stream, head) : $"refused: {reply.Message}";
        }
    }

    public static async Task<string> TalkAsync(Stream stream, string text)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), Within());
        await stream.FlushAsync(Within());
        return await ReadAsync(stream);
    }

    public static async Task<string> ReadAsync(Stream stream)
    {
        using var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all, Within());
        }
        catch (IOException)
        {
            // Cut; what came counts.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>The decisions, once everything that was opened has ended.</summary>
    public async Task<IReadOnlyList<EgressDecision>> DecisionsAsync()
    {
        await Task.WhenAll(_served).WaitAsync(Timeout);
        return Proxy.Log.Last(int.MaxValue);
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync(EgressRequest request, SocketHalf stream)
    {
        await using (stream)
        {
            await Proxy.ServeAsync(request, stream, CancellationToken.None);
        }
    }

    /// <summary>A socket as a stream of the agent's channel.</summary>
    private sealed class SocketHalf(Socket socket) : HalfClosableStream
    {
        private readonly NetworkStream _inner = new(socket, ownsSocket: true);

        public override void Finish() => socket.Shutdown(SocketShutdown.Send);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inner.WriteAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
