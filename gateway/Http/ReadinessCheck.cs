namespace ToolRuntime.Gateway.Http;

/// <summary>One condition of readiness, registered by whoever puts the parts together.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Check">Null when it holds, else why not.</param>
public sealed record ReadinessCheck(string Name, Func<CancellationToken, ValueTask<string?>> Check);
