namespace ToolRuntime.Bus.Pipes;

/// <summary>
/// Duplex, flow-controlled byte streams to the runtime that owns a session; not stored. In memory inside one process; between processes
/// one authenticated connection to the owner's address.
/// </summary>
public interface ISessionPipes
{
    /// <summary>Opens a pipe; the session gets an owner where it has none.</summary>
    /// <exception cref="ToolRuntime.Functions.FunctionFaultException">No runtime could open it; says why.</exception>
    ValueTask<Stream> OpenAsync(PipeAddress address, CancellationToken cancellationToken);

    /// <summary>The runtime's side: <paramref name="accept"/> is called for each pipe to a session that this process may own. Dispose to stop.</summary>
    IAsyncDisposable Accept(string runtime, Func<PipeAddress, CancellationToken, ValueTask<Stream>> accept);
}
