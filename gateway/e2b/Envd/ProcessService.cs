using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary><c>process.Process</c>: starts, follows, lists and feeds processes of a sandbox.</summary>
public sealed class ProcessService(SandboxClient client, TimeProvider time)
{
    private const int InputLength = 512 * 1024;
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;

    private static ReadOnlySpan<byte> OutputData => "{\"event\":{\"data\":{\"stdout\":\""u8;

    private static ReadOnlySpan<byte> ErrorData => "{\"event\":{\"data\":{\"stderr\":\""u8;

    private static ReadOnlySpan<byte> TerminalData => "{\"event\":{\"data\":{\"pty\":\""u8;

    /// <summary>Serves one method.</summary>
    internal Task ServeAsync(EnvdCall call, string method) => method switch
    {
        "Start" => StartAsync(call),
        "Connect" => ConnectAsync(call),
        "List" => ListAsync(call),
        "SendInput" => SendInputAsync(call),
        "CloseStdin" => DoAsync(call, (body, request) => request with { Op = AgentOperation.InputEnd }),
        "SendSignal" => DoAsync(call, (body, request) => request with { Op = AgentOperation.Signal, Signal = SignalOf(body.Signal) }),
        "Update" => DoAsync(call, (body, request) => request with { Op = AgentOperation.Resize, Pty = TerminalOf(body.Pty) ?? throw Invalid("pty.size is missing") }),
        "StreamInput" => StreamInputAsync(call),
        _ => throw new ConnectException(ConnectError.Unimplemented, $"process.Process has no {method}"),
    };

    private async Task StartAsync(EnvdCall call)
    {
        var body = Parse(await ConnectStream.ReadRequestAsync(call.Context));
        if (body.Process is not { Cmd: { Length: > 0 } command } start)
        {
            throw Invalid("process.cmd is missing");
        }

        var user = call.User;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = user.Home, ["USER"] = user.Name, ["LOGNAME"] = user.Name };
        foreach (var (key, value) in start.Envs ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            environment[key] = value;
        }

        var request = new AgentRequest
        {
            Op = AgentOperation.Spawn,
            Argv = [command, .. start.Args ?? []],
            Env = environment,
            Cwd = user.Resolve(start.Cwd is { Length: > 0 } folder ? folder : call.Sandbox.Settings.Folder ?? ""),
            User = new AgentUser(user.Uid, user.Gid),
            Pty = TerminalOf(body.Pty),
            Stdin = body.Stdin ?? true,
            Keep = false,
            Tag = body.Tag,
            KillAfterMs = CallTime.Of(call.Context.Request),
        };
        var began = time.GetTimestamp();
        var (stream, reply) = await OpenAsync(call, request, start.Cwd);
        await using var process = new AgentProcess(reply.Id ?? "", reply.Pid, stream);
        await FollowAsync(call, process, request.Pty is not null, deadline: null, exit => exit.Signal == SignalKill && time.GetElapsedTime(began).TotalMilliseconds >= request.KillAfterMs);
    }

    private async Task ConnectAsync(EnvdCall call)
    {
        var request = Selected(Parse(await ConnectStream.ReadRequestAsync(call.Context))) with { Op = AgentOperation.Attach };
        var (stream, reply) = await client.OpenAsync(call.Sandbox, request, call.Token);
        await using var process = new AgentProcess(reply.Id ?? "", reply.Pid, stream);
        await FollowAsync(call, process, reply.Pty, CallTime.Of(call.Context.Request), static _ => false);
    }

    private static async Task FollowAsync(EnvdCall call, AgentProcess process, bool isTerminal, long? deadline, Func<ProcessExit, bool> isOver)
    {
        var stream = new ConnectStream(call.Context);
        await stream.WriteAsync(writer => WriteEvent(writer, "start"u8, w => w.WriteNumber("pid"u8, process.ProcessId)));
        using var ending = CallTime.EndOf(call, deadline);
        using var alive = new KeepAlives(call.Context, () => stream.WriteAsync(writer => WriteEvent(writer, "keepalive"u8, static _ => { })), ending.Token);
        try
        {
            while (await alive.NextAsync(process.ReadAsync(ending.Token)) is { } piece)
            {
                await stream.WriteBase64Async(isTerminal ? TerminalData : piece.IsError ? ErrorData : OutputData, piece.Data.Span, "\"}}}"u8);
            }
        }
        catch (OperationCanceledException) when (!call.Token.IsCancellationRequested)
        {
            await stream.EndAsync(ConnectError.DeadlineExceeded, "the time that was given is over; the process goes on");
            return;
        }

        var exit = process.Exit.GetValueOrDefault();
        if (isOver(exit))
        {
            await stream.EndAsync(ConnectError.DeadlineExceeded, "the time that was given is over; the process was ended");
            return;
        }

        await stream.WriteAsync(writer => WriteEvent(writer, "end"u8, w => WriteExit(w, exit)));
        await stream.EndAsync();
    }

    private async Task ListAsync(EnvdCall call)
    {
        await Parse(call);
        var reply = await client.AskAsync(call.Sandbox, new AgentRequest { Op = AgentOperation.Processes }, call.Token);
        await E2bReply.WriteAsync(call.Context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("processes"u8);
            foreach (var entry in (reply.Processes ?? []).Where(p => p.Kind == "process"))
            {
                Write(writer, entry);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private async Task SendInputAsync(EnvdCall call)
    {
        var body = await Parse(call);
        var input = body.Input?.Stdin ?? body.Input?.Pty ?? throw Invalid("input.stdin or input.pty is missing");
        var request = Selected(body) with { Op = AgentOperation.Input };
        var at = 0;
        do
        {
            // A message to the agent has its bounds.
            var piece = input[at..Math.Min(at + InputLength, input.Length)];
            await client.AskAsync(call.Sandbox, request with { Data = piece }, call.Token);
            at += InputLength;
        }
        while (at < input.Length);
        await E2bReply.EmptyAsync(call.Context);
    }

    private async Task StreamInputAsync(EnvdCall call)
    {
        // A client stream; the first message names the process. No SDK uses it, so each message is taken as it comes.
        var target = Selected(Parse(await ConnectStream.ReadRequestAsync(call.Context)));
        await client.AskAsync(call.Sandbox, target with { Op = AgentOperation.Attach }, call.Token);
        await new ConnectStream(call.Context).EndAsync(ConnectError.Unimplemented, "use SendInput");
    }

    private async Task DoAsync(EnvdCall call, Func<ProcessBody, AgentRequest, AgentRequest> of)
    {
        var body = await Parse(call);
        await client.AskAsync(call.Sandbox, of(body, Selected(body)), call.Token);
        await E2bReply.EmptyAsync(call.Context);
    }

    private async ValueTask<(Stream Stream, AgentReply Reply)> OpenAsync(EnvdCall call, AgentRequest request, string? asked)
    {
        try
        {
            return await client.OpenAsync(call.Sandbox, request, call.Token);
        }
        catch (AgentException error) when (error.Message.Contains("changing to the folder", StringComparison.Ordinal))
        {
            throw new ConnectException(ConnectError.InvalidArgument, $"cwd '{asked ?? request.Cwd}' does not exist");
        }
    }

    private static void WriteEvent(Utf8JsonWriter writer, ReadOnlySpan<byte> kind, Action<Utf8JsonWriter> members)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("event"u8);
        writer.WriteStartObject(kind);
        members(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteExit(Utf8JsonWriter writer, ProcessExit exit)
    {
        var signalled = exit.Signal != 0;
        var status = signalled ? $"signal: {SignalName(exit.Signal)}" : string.Create(CultureInfo.InvariantCulture, $"exit status {exit.ExitCode}");
        writer.WriteNumber("exitCode"u8, signalled ? -1 : exit.ExitCode);
        writer.WriteBoolean("exited"u8, !signalled);
        writer.WriteString("status"u8, status);
        if (signalled || exit.ExitCode != 0)
        {
            writer.WriteString("error"u8, status);
        }
    }

    private static string SignalName(int signal) => signal switch
    {
        1 => "hangup",
        2 => "interrupt",
        6 => "aborted",
        SignalKill => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        SignalTerminate => "terminated",
        _ => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
    };

    private static void Write(Utf8JsonWriter writer, AgentProcessEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("pid"u8, entry.Pid);
        if (entry.Tag is { } tag)
        {
            writer.WriteString("tag"u8, tag);
        }

        writer.WriteStartObject("config"u8);
        writer.WriteString("cmd"u8, entry.Argv.Count > 0 ? entry.Argv[0] : "");
        writer.WriteStartArray("args"u8);
        foreach (var argument in entry.Argv.Skip(1))
        {
            writer.WriteStringValue(argument);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("envs"u8);
        foreach (var (key, value) in entry.Env ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
        if (entry.Cwd is { } folder)
        {
            writer.WriteString("cwd"u8, folder);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static async ValueTask<ProcessBody> Parse(EnvdCall call) => await E2bReply.ReadAsync(call.Context, EnvdJson.Default.ProcessBody, static () => new ProcessBody());

    private static ProcessBody Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, EnvdJson.Default.ProcessBody) ?? throw Invalid("the request is null");
        }
        catch (JsonException error)
        {
            throw Invalid(error.Message);
        }
    }

    private static AgentRequest Selected(ProcessBody body) => body.Process switch
    {
        { Pid: { } pid } => new AgentRequest { Op = "", Pid = pid },
        { Tag: { Length: > 0 } tag } => new AgentRequest { Op = "", Tag = tag },
        _ => throw Invalid("process.pid or process.tag is missing"),
    };

    private static AgentTerminal? TerminalOf(ProcessBody.ProcessTerminal? pty) => pty is null ? null : new AgentTerminal(pty.Size?.Rows ?? 24, pty.Size?.Cols ?? 80);

    private static int SignalOf(JsonElement? signal) => signal switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) && value is SignalKill or SignalTerminate => number.GetInt32(),
        { ValueKind: JsonValueKind.String } name when name.GetString() == "SIGNAL_SIGKILL" => SignalKill,
        { ValueKind: JsonValueKind.String } name when name.GetString() == "SIGNAL_SIGTERM" => SignalTerminate,
        _ => throw Invalid("signal must be SIGNAL_SIGKILL or SIGNAL_SIGTERM"),
    };

    private static ConnectException Invalid(string why) => new(ConnectError.InvalidArgument, why);
}
