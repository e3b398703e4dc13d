using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Queue;

/// <summary>Answers a request; throws <see cref="FunctionFaultException"/> to fail it.</summary>
public delegate ValueTask<ReadOnlyMemory<byte>> PartRequestHandler(ReadOnlyMemory<byte> request, CancellationToken cancellationToken);
