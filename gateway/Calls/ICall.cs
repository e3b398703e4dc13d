using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Calls;

/// <summary>A call under way, whoever runs it: a function behind the queue, or an MCP server at the end of a pipe.</summary>
public interface ICall : IAsyncDisposable
{
    /// <summary>What was accepted.</summary>
    Invocation Invocation { get; }

    /// <summary>Where it went.</summary>
    ToolRoute Route { get; }

    /// <summary>
    /// The next event. After a terminal one it must not be called again. A call that outlives its deadline ends with
    /// <see cref="FaultCode.DeadlineExceeded"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token ended; the call itself goes on.</exception>
    ValueTask<TopicEvent> NextAsync(CancellationToken cancellationToken);

    /// <summary>Tells the function to end.</summary>
    ValueTask CancelAsync(CancellationToken cancellationToken);

    /// <summary>Hands over answers to what it asked.</summary>
    /// <param name="responses">UTF-8 of <c>{"responses":{id: MCP input response}}</c>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask AnswerAsync(ReadOnlyMemory<byte> responses, CancellationToken cancellationToken);
}
