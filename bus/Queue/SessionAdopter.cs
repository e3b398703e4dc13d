using ToolRuntime.Bus.State;

namespace ToolRuntime.Bus.Queue;

/// <summary>Takes a session by compare-and-set; its new entry, or null when another has it.</summary>
public delegate ValueTask<SessionOwner?> SessionAdopter(string tenant, string session, CancellationToken cancellationToken);
