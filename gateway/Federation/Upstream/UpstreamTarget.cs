using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Where an HTTP server is and what it is told with every request.</summary>
internal sealed record UpstreamTarget
{
    /// <summary>Longest answer or event, bytes.</summary>
    public const int MaximumMessage = 32 * 1024 * 1024;

    /// <summary>Its name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The endpoint.</summary>
    public required Uri Url { get; init; }

    /// <summary>Headers of every request; secrets are asked for each time, so that a changed one is used.</summary>
    public required Func<IReadOnlyList<KeyValuePair<string, string>>> Headers { get; init; }

    /// <summary>How a token is got, or null.</summary>
    public RemoteAuthorization? Authorization { get; init; }

    /// <summary>The client's secret or refresh token by the name of a stored secret.</summary>
    public required Func<string, string> Secret { get; init; }

    /// <summary>Stores what a secret is from now on: name and value.</summary>
    public Action<string, string>? Keep { get; init; }

    /// <summary>Makes a connection to a host and port.</summary>
    public required Func<System.Net.DnsEndPoint, CancellationToken, ValueTask<Stream>> Connect { get; init; }
}
