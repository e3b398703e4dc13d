using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Queue;

/// <summary>Requests between parts over core NATS (<c>part.{name}</c>, one queue group per name): not stored, answered by one of the group.</summary>
public sealed class PartRequests
{
    internal static readonly NatsHeaders Fault = default(NatsHeaders).With("Toolrt-Fault", "1");
    private readonly NatsConnection _connection;
    private readonly TimeSpan _silence;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, LocalPart> _local = new(StringComparer.Ordinal);

    internal PartRequests(NatsConnection connection, TimeSpan silence, ILogger logger, TimeProvider time)
    {
        _connection = connection;
        _silence = silence;
        _logger = logger;
        _time = time;
    }

    /// <summary>Answers requests until disposed, at most <paramref name="concurrency"/> at once. Those that find the waiting room (1,024) full are refused.</summary>
    public IAsyncDisposable Serve(string name, int concurrency, PartRequestHandler handler)
    {
        var signs = new SignsOfLife(_connection, _silence / 5, _time);
        var server = new PartServer(_connection, SubjectOf(name), concurrency, handler, (signs, _logger));
        return new LocalPart(_local, name, server, handler, concurrency);
    }

    /// <summary>Sends a request and waits for the answer, at most until the token ends. A part of this process answers without the server between.</summary>
    /// <exception cref="FunctionFaultException">The handler's fault, or BusUnavailable when nobody serves or whoever did is gone.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> RequestAsync(string name, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        if (_local.TryGetValue(name, out var here))
        {
            return await here.AnswerAsync(request, cancellationToken);
        }

        try
        {
            var reply = await _connection.RequestAsync(SubjectOf(name), request, default, new NatsRequestOpts { Timeout = _silence }, cancellationToken);
            return reply.Headers.TryFind("Toolrt-Fault"u8, out _) ? throw FaultOf(reply.Data.Span) : reply.Data;
        }
        catch (NatsTimeoutException error)
        {
            throw new FunctionFaultException(
                new FunctionFault(FaultCode.BusUnavailable, $"The part that took '{name}' has said nothing for {_silence.TotalSeconds:0.#} s: it is gone, and how far it came is not known.", "Ask again where doing it twice does no harm."),
                error);
        }
        catch (NatsException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.BusUnavailable, $"No part answers '{name}': {error.Message}.", "See that a runtime is up: toolrt status."), error);
        }
    }

    internal static string SubjectOf(string name) => $"part.{string.Join('.', name.Split('.').Select(NatsSubject.Token))}";

    private static FunctionFaultException FaultOf(ReadOnlySpan<byte> json) =>
        new(JsonSerializer.Deserialize(json, FunctionsJson.Default.FunctionFault) ?? new FunctionFault(FaultCode.Internal, "A part failed without saying why."));
}
