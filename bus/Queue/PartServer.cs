using System.Text.Json;
using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Queue;

/// <summary>One part's answering side: a bounded waiting room and a fixed number of answerers.</summary>
internal sealed partial class PartServer : IAsyncDisposable
{
    private const int WaitingRoom = 1024;
    private readonly NatsConnection _connection;
    private readonly PartRequestHandler _handler;
    private readonly SignsOfLife _signs;
    private readonly ILogger _logger;
    private readonly Channel<NatsMsg> _waiting = Channel.CreateBounded<NatsMsg>(WaitingRoom);
    private readonly CancellationTokenSource _ending = new();
    private readonly NatsSub _sub;
    private readonly Task _answering;

    public PartServer(NatsConnection connection, string subject, int concurrency, PartRequestHandler handler, (SignsOfLife Signs, ILogger Logger) services)
    {
        _connection = connection;
        _handler = handler;
        (_signs, _logger) = services;
        _answering = Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(AnswerAsync)));
        _sub = connection.Subscribe(subject, subject, OnRequest);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _sub.Dispose();
        _waiting.Writer.TryComplete();
        await _ending.CancelAsync();
        await _answering;
        await _signs.DisposeAsync();
        _ending.Dispose();
    }

    private void OnRequest(NatsMsg request)
    {
        if (request.ReplyTo is not { } replyTo)
        {
            return;
        }

        _signs.Begin(replyTo);
        if (!_waiting.Writer.TryWrite(request))
        {
            _signs.End(replyTo);
            _ = ReplyFaultAsync(request, new FunctionFault(FaultCode.PoolExhausted, $"{WaitingRoom} requests wait already.", "Try again later.")).AsTask();
        }
    }

    private async Task AnswerAsync()
    {
        await foreach (var request in _waiting.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                var answer = await _handler(request.Data, _ending.Token);
                await _connection.PublishAsync(request.ReplyTo!, answer, default, null, NatsFlush.Now, _ending.Token);
            }
            catch (FunctionFaultException error)
            {
                await ReplyFaultAsync(request, error.Fault);
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                await ReplyFaultAsync(request, new FunctionFault(FaultCode.RuntimeLost, "The part is ending.", "Try again."));
            }
            catch (Exception error)
            {
                // The rim of the loop: the asker learns of it, the next request is answered.
                LogFailed(_logger, request.Subject, error);
                await ReplyFaultAsync(request, new FunctionFault(FaultCode.Internal, $"A part failed: {error.Message}"));
            }
            finally
            {
                _signs.End(request.ReplyTo!);
            }
        }
    }

    private async ValueTask ReplyFaultAsync(NatsMsg request, FunctionFault fault)
    {
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(fault, FunctionsJson.Default.FunctionFault);
            await _connection.PublishAsync(request.ReplyTo!, json, PartRequests.Fault, null, NatsFlush.Now, CancellationToken.None);
        }
        catch (NatsException error)
        {
            LogFailed(_logger, request.Subject, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "answering {Subject} failed")]
    private static partial void LogFailed(ILogger logger, string subject, Exception error);
}
