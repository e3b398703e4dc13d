using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Logs;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>Keeps what a worker prints outside of calls: lines of its own stdout and stderr, and LOG frames of call 0.</summary>
internal sealed class WorkerOutput(FunctionLogs logs, TimeProvider time, string tenant, string function)
{
    private const int MaximumLine = 16 << 10;
    private readonly StringBuilder _partial = new();

    /// <summary>Reads a process to its end and returns how it ended, or null when the sandbox ended first.</summary>
    public async Task<ProcessExit?> PumpAsync(AgentClient agent, string workerId, CancellationToken cancellationToken)
    {
        try
        {
            await using var process = await agent.OpenWorkerOutputAsync(workerId, cancellationToken);
            await PumpAsync(process, cancellationToken);
            return process.Exit;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidDataException or ObjectDisposedException
            or InvalidOperationException or ToolRuntime.Functions.FunctionFaultException)
        {
            return null;
        }
    }

    /// <summary>Keeps what <paramref name="process"/> prints until it ends.</summary>
    public async Task PumpAsync(AgentProcess process, CancellationToken cancellationToken)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        var characters = new char[8 << 10];
        while (await process.ReadAsync(cancellationToken) is { } piece)
        {
            Split(piece, decoder, characters);
        }

        Flush("stderr");
    }

    /// <summary>Keeps a LOG frame that belongs to no call.</summary>
    public void Keep(WorkerFrame frame)
    {
        if (Parse(frame.Payload.Span) is { Text: { } text } log)
        {
            Keep("", log.Stream ?? "log", log.Level ?? "info", text);
        }
    }

    /// <summary>Keeps lines of a call or, with an empty <paramref name="invocation"/>, of the worker.</summary>
    public void Keep(string invocation, string stream, string level, string text)
    {
        foreach (var range in text.AsSpan().TrimEnd('\n').Split('\n'))
        {
            var line = text.AsSpan()[range];
            logs.Append(tenant, function, new LogLine(time.GetUtcNow(), invocation, stream, level, line[..Math.Min(line.Length, MaximumLine)].ToString()));
        }
    }

    /// <summary>Reads a LOG payload.</summary>
    /// <exception cref="InvalidDataException">It is not one.</exception>
    public static WorkerLog? Parse(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, WorkerJson.Default.WorkerLog);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"LOG: {error.Message}", error);
        }
    }

    private void Split(ProcessOutput piece, Decoder decoder, char[] characters)
    {
        for (var at = 0; at < piece.Data.Length;)
        {
            decoder.Convert(piece.Data.Span[at..], characters, flush: false, out var used, out var made, out _);
            at += used;
            _partial.Append(characters, 0, made);
            if (characters.AsSpan(0, made).Contains('\n') || _partial.Length > MaximumLine)
            {
                Flush(piece.IsError ? "stderr" : "stdout");
            }
        }
    }

    private void Flush(string stream)
    {
        if (_partial.Length > 0)
        {
            Keep("", stream, stream == "stderr" ? "error" : "info", _partial.ToString());
            _partial.Clear();
        }
    }
}
