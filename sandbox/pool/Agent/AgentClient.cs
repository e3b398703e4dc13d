using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent;

/// <summary>The host's end of the channel to one agent. Treats every byte from it as hostile; every call has a deadline by its token.</summary>
public sealed class AgentClient : IAsyncDisposable
{
    private const uint MaximumStreams = 4096;
    private const uint StreamWindow = Yamux.InitialWindow;
    private const int ProgramMode = 0b111_101_101;
    private const int DataMode = 0b110_100_100;
    private static readonly AgentUser s_nobody = new(65534, 65534);
    private readonly AgentChannel _channel;

    private AgentClient(AgentChannel channel) => _channel = channel;

    /// <summary>Ends when the channel ends, with the reason; never faults.</summary>
    public Task<string> Closed => _channel.Closed;

    /// <summary>
    /// Takes the connections that programs in the sandbox make through its proxies (<see cref="ListenForEgressAsync"/>): gets what is asked for,
    /// answers on the stream (<see cref="AgentExchange.ReplyAsync"/>), and after a yes carries the bytes. The stream is closed when it returns; the token
    /// ends with the channel. At most 1,024 run at once; while it is null, and beyond them, connections are refused.
    /// </summary>
    public Func<EgressRequest, Stream, CancellationToken, ValueTask>? OnOpened
    {
        get => _channel.Opened.Handler;
        set => _channel.Opened.Handler = value;
    }

    /// <summary>Called before anything is sent on the channel: a sandbox that stands still is let go on.</summary>
    internal Action? OnUse
    {
        get => _channel.Writer.OnUse;
        set => _channel.Writer.OnUse = value;
    }

    /// <summary>Sends HELLO on the channel, waits for WELCOME and returns.</summary>
    /// <remarks>
    /// The streams belong to the client from here on. They are read and written synchronously, by threads of its own, and must
    /// not buffer (a <see cref="FileStream"/> with a buffer of 0, a pipe stream or a network stream).
    /// </remarks>
    /// <exception cref="InvalidDataException">The other end is not an agent of this version.</exception>
    /// <exception cref="IOException">The channel ended before.</exception>
    public static async ValueTask<AgentClient> ConnectAsync(Stream fromAgent, Stream toAgent, ulong epoch, TimeProvider time, CancellationToken cancellationToken)
    {
        var channel = new AgentChannel(fromAgent, toAgent, epoch, time);
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        try
        {
            await channel.ConnectAsync(new Hello(epoch, now, MaximumStreams, StreamWindow), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            channel.Fail(new IOException("The agent did not answer HELLO in time."));
            throw;
        }

        return new AgentClient(channel);
    }

    /// <summary>Says on a stream of this channel that the host will send nothing more; reading goes on.</summary>
    public static void EndWriting(Stream stream) => ((AgentStream)stream).Finish();

    /// <summary>Sends a request that one reply answers, or a list in parts, which are put together.</summary>
    /// <exception cref="AgentException">The agent refused.</exception>
    public async ValueTask<AgentReply> AskAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        var (stream, reply) = await OpenAsync(request, finish: true, cancellationToken);
        await using (stream)
        {
            return await AgentExchange.ReadRestAsync(stream, request.Op, reply, cancellationToken);
        }
    }

    /// <summary>Completes when the agent has answered a keep-alive.</summary>
    /// <exception cref="IOException">The channel has ended.</exception>
    public async ValueTask PingAsync(CancellationToken cancellationToken) => await _channel.PingAsync(cancellationToken);

    /// <summary>Starts a resident worker; returns its process id in the sandbox.</summary>
    /// <exception cref="AgentException">It could not be started; the message names the step.</exception>
    public async ValueTask<int> StartWorkerAsync(ProcessSpec spec, CancellationToken cancellationToken) =>
        (await AskAsync(spec.ToRequest(AgentOperation.WorkerStart), cancellationToken)).Pid;

    /// <summary>Gives a worker another id; what is open on it stays open.</summary>
    /// <exception cref="AgentException">There is no such worker, or something with the new id runs.</exception>
    public async ValueTask RenameWorkerAsync(string id, string to, CancellationToken cancellationToken) =>
        await AskAsync(new AgentRequest { Op = AgentOperation.WorkerRename, Id = id, To = to }, cancellationToken);

    /// <summary>The worker's control pipe: worker frames both ways, one reader and one writer at a time. Reading gives 0 when the worker has ended.</summary>
    /// <exception cref="AgentException">There is no such worker.</exception>
    /// <remarks>Who reads it goes on on the thread that reads the channel, so that an answer costs no thread hop, and must not block there.</remarks>
    public async ValueTask<Stream> OpenWorkerAsync(string id, CancellationToken cancellationToken)
    {
        var (stream, _) = await OpenAsync(new AgentRequest { Op = AgentOperation.WorkerOpen, Id = id }, finish: false, cancellationToken, Yamux.WideWindow);
        stream.ReadInline();
        return stream;
    }

    /// <summary>What the worker's process itself wrote to stdout and stderr; the last 64 KiB of what came before.</summary>
    /// <exception cref="AgentException">There is no such worker.</exception>
    public ValueTask<AgentProcess> OpenWorkerOutputAsync(string id, CancellationToken cancellationToken) =>
        StreamProcessAsync(new AgentRequest { Op = AgentOperation.WorkerOutput, Id = id }, cancellationToken);

    /// <summary>Starts a process and streams it.</summary>
    /// <exception cref="AgentException">It could not be started; the message names the step.</exception>
    public ValueTask<AgentProcess> SpawnAsync(ProcessSpec spec, CancellationToken cancellationToken) =>
        StreamProcessAsync(spec.ToRequest(AgentOperation.Spawn), cancellationToken);

    /// <summary>Streams a process that runs: the last 64 KiB that it wrote while nobody streamed it, then what comes.</summary>
    /// <exception cref="AgentException">There is no such process.</exception>
    public ValueTask<AgentProcess> AttachAsync(string id, CancellationToken cancellationToken) =>
        StreamProcessAsync(new AgentRequest { Op = AgentOperation.Attach, Id = id }, cancellationToken);

    /// <summary>The processes and workers that run.</summary>
    public async ValueTask<IReadOnlyList<AgentProcessEntry>> ListProcessesAsync(CancellationToken cancellationToken) =>
        (await AskAsync(new AgentRequest { Op = AgentOperation.Processes }, cancellationToken)).Processes ?? [];

    /// <summary>Sends a signal to a process or worker and its whole tree; those of a terminal's keys (INT, QUIT, TSTP, WINCH) to its group.</summary>
    /// <exception cref="AgentException">There is no such process, or it has ended.</exception>
    public async ValueTask SignalAsync(string id, int signal, CancellationToken cancellationToken) =>
        await AskAsync(new AgentRequest { Op = AgentOperation.Signal, Id = id, Signal = signal }, cancellationToken);

    /// <summary>Reads a file whole, at most <paramref name="limit"/> bytes.</summary>
    /// <exception cref="AgentException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is larger than the limit.</exception>
    public async ValueTask<byte[]> ReadFileAsync(string path, long limit, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await using var stream = await ReadFileAsync(path, 0, null, cancellationToken);
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (content.Length + read > limit)
            {
                throw new InvalidDataException($"{path} is larger than {limit} bytes.");
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    /// <summary>Reads a part of a file as a stream; <paramref name="length"/> null is to its end.</summary>
    /// <exception cref="AgentException">There is no such file.</exception>
    public async ValueTask<Stream> ReadFileAsync(string path, long offset, long? length, CancellationToken cancellationToken) =>
        (await OpenAsync(new AgentRequest { Op = AgentOperation.FileRead, Path = path, Offset = offset, Length = length }, finish: true, cancellationToken)).Stream;

    /// <summary>Writes a file, owned by uid 1000.</summary>
    /// <exception cref="AgentException">It could not be written; the message names the kernel's error.</exception>
    public async ValueTask WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await using var stream = (await OpenAsync(new AgentRequest { Op = AgentOperation.FileWrite, Path = path }, finish: false, cancellationToken)).Stream;
        await stream.WriteAsync(content, cancellationToken);
        stream.Finish();
        await AgentExchange.ReadReplyAsync(stream, AgentOperation.FileWrite, cancellationToken);
    }

    /// <summary>Writes a small file, with the folders that it is in; all may read and no process of the user's may write them, not even as root.</summary>
    /// <exception cref="AgentException">It could not be written; the message names the kernel's error.</exception>
    internal async ValueTask PutFileAsync(string path, bool executable, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await AskAsync(
            new AgentRequest { Op = AgentOperation.FilePut, Path = path, User = s_nobody, Mode = executable ? ProgramMode : DataMode, Data = content.ToArray() },
            cancellationToken);

    /// <summary>What a folder holds; with <paramref name="recursive"/>, what its folders hold too.</summary>
    /// <exception cref="AgentException">There is no such folder.</exception>
    public async ValueTask<IReadOnlyList<AgentFile>> ListFilesAsync(string path, bool recursive, CancellationToken cancellationToken) =>
        (await AskAsync(new AgentRequest { Op = AgentOperation.FileList, Path = path, Recursive = recursive }, cancellationToken)).Entries ?? [];

    /// <summary>Describes a file or folder; links are not followed.</summary>
    /// <exception cref="AgentException">There is no such file.</exception>
    public async ValueTask<AgentFile> StatFileAsync(string path, CancellationToken cancellationToken) =>
        (await AskAsync(new AgentRequest { Op = AgentOperation.FileStat, Path = path }, cancellationToken)).Entry
        ?? throw new InvalidDataException("The agent described no file.");

    /// <summary>Removes a file or folder; a folder that holds something only when <paramref name="recursive"/>.</summary>
    /// <exception cref="AgentException">There is no such file, or the folder holds something.</exception>
    public async ValueTask RemoveFileAsync(string path, bool recursive, CancellationToken cancellationToken) =>
        await AskAsync(new AgentRequest { Op = AgentOperation.FileRemove, Path = path, Recursive = recursive }, cancellationToken);

    /// <summary>Renames a file or folder.</summary>
    /// <exception cref="AgentException">It could not be renamed; the message names the kernel's error.</exception>
    public async ValueTask RenameFileAsync(string path, string to, CancellationToken cancellationToken) =>
        await AskAsync(new AgentRequest { Op = AgentOperation.FileRename, Path = path, To = to }, cancellationToken);

    /// <summary>Makes a folder, owned by uid 1000; with <paramref name="recursive"/> its parents too, and none of it is an error when it stands.</summary>
    /// <exception cref="AgentException">It could not be made; the message names the kernel's error.</exception>
    public async ValueTask MakeFolderAsync(string path, bool recursive, CancellationToken cancellationToken) =>
        await AskAsync(new AgentRequest { Op = AgentOperation.MakeFolder, Path = path, Recursive = recursive }, cancellationToken);

    /// <summary>All that was changed since the sandbox booted, as a tar; the sandbox goes on meanwhile.</summary>
    /// <exception cref="AgentException">The agent cannot.</exception>
    public async ValueTask<Stream> ArchiveFilesAsync(CancellationToken cancellationToken) =>
        (await OpenAsync(new AgentRequest { Op = AgentOperation.FileArchive }, finish: true, cancellationToken)).Stream;

    /// <summary>Puts the files of such a tar into their places; with <paramref name="exact"/>, takes away what its folders did not hold. Returns how many there were.</summary>
    /// <exception cref="AgentException">One could not be written; those before it are in their places.</exception>
    public async ValueTask<long> UnpackFilesAsync(Stream tar, bool exact, CancellationToken cancellationToken)
    {
        await using var stream = (await OpenAsync(new AgentRequest { Op = AgentOperation.FileUnpack, Exact = exact }, finish: false, cancellationToken)).Stream;
        await tar.CopyToAsync(stream, cancellationToken);
        stream.Finish();
        return (await AgentExchange.ReadReplyAsync(stream, AgentOperation.FileUnpack, cancellationToken)).Size;
    }

    /// <summary>A byte stream to a TCP port on the sandbox's loopback.</summary>
    /// <exception cref="AgentException">Nobody listens there.</exception>
    public async ValueTask<Stream> DialPortAsync(int port, CancellationToken cancellationToken) =>
        (await OpenAsync(new AgentRequest { Op = AgentOperation.Dial, Port = port }, finish: false, cancellationToken)).Stream;

    /// <summary>A byte stream to a Unix socket in the sandbox.</summary>
    /// <exception cref="AgentException">Nobody listens there.</exception>
    public async ValueTask<Stream> DialUnixAsync(string path, CancellationToken cancellationToken) =>
        (await OpenAsync(new AgentRequest { Op = AgentOperation.Dial, Unix = path }, finish: false, cancellationToken)).Stream;

    /// <summary>Lets the agent listen as an HTTP proxy and a SOCKS5 proxy on the sandbox's loopback; <see cref="OnOpened"/> gets the connections.</summary>
    /// <remarks>The ports stay over a checkpoint; the handler is for a client, and is set again on that of a restored sandbox.</remarks>
    /// <exception cref="AgentException">A port is taken.</exception>
    public async ValueTask ListenForEgressAsync(int httpPort, int socksPort, CancellationToken cancellationToken) =>
        await AskAsync(new AgentRequest { Op = AgentOperation.EgressListen, HttpPort = httpPort, SocksPort = socksPort }, cancellationToken);

    /// <summary>Sets environment for processes started later.</summary>
    public async ValueTask SetEnvironmentAsync(IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken) =>
        await AskAsync(new AgentRequest { Op = AgentOperation.Environment, Set = variables }, cancellationToken);

    /// <summary>Measures the sandbox from inside.</summary>
    public async ValueTask<SandboxStats> GetStatsAsync(CancellationToken cancellationToken)
    {
        var reply = await AskAsync(new AgentRequest { Op = AgentOperation.Stats }, cancellationToken);
        return new SandboxStats(reply.RssBytes, reply.ProcessCount, TimeSpan.FromMicroseconds(Math.Clamp(reply.CpuMicros, 0, long.MaxValue / 10)))
        {
            Processors = reply.CpuCount,
            MemoryTotal = reply.MemoryTotal,
            MemoryUsed = reply.MemoryUsed,
            MemoryCache = reply.MemoryCache,
            DiskTotal = reply.DiskTotal,
            DiskUsed = reply.DiskUsed,
        };
    }

    /// <summary>Suspends the agent before a checkpoint; the channel is dead afterwards, until a restored one says HELLO under the next epoch.</summary>
    /// <remarks>Its streams stay open until the client is disposed, which is for after the checkpoint: their end would end the agent.</remarks>
    /// <exception cref="IOException">The channel ended before.</exception>
    public async ValueTask SuspendAsync(CancellationToken cancellationToken) =>
        await _channel.SuspendAsync(AgentExchange.Encode(new AgentRequest { Op = AgentOperation.Suspend }), cancellationToken);

    /// <summary>A stream that whoever writes to it opens: its first bytes are a request, and the first that it gives are the reply.</summary>
    /// <param name="isWide">Whether much is to be read from it: 1 MiB may wait for its reader then, 256 KiB otherwise.</param>
    public HalfClosableStream NewStream(bool isWide = false) => _channel.NewStream(isWide ? Yamux.WideWindow : StreamWindow);

    /// <summary>Closes the channel. The agent ends everything in the sandbox when it sees that.</summary>
    public ValueTask DisposeAsync()
    {
        _channel.Close();
        return ValueTask.CompletedTask;
    }

    private async ValueTask<AgentProcess> StreamProcessAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        var (stream, reply) = await OpenAsync(request, finish: false, cancellationToken);
        return new AgentProcess(reply.Id ?? request.Id ?? "", reply.Pid, stream);
    }

    private async ValueTask<(AgentStream Stream, AgentReply Reply)> OpenAsync(AgentRequest request, bool finish, CancellationToken cancellationToken, uint window = StreamWindow)
    {
        var stream = _channel.NewStream(window);
        try
        {
            await stream.SendAsync(AgentExchange.Encode(request), finish, cancellationToken);
            return (stream, await AgentExchange.ReadReplyAsync(stream, request.Op, cancellationToken));
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
