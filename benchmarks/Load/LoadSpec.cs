using System.Text.Json.Serialization;

namespace ToolRuntime.Benchmarks.Load;

/// <summary>One closed-loop load: each connection sends its next request when the answer to the one before is whole.</summary>
internal sealed record LoadSpec
{
    /// <summary>Loopback port.</summary>
    public required int Port { get; init; }

    /// <summary>Path of the POST.</summary>
    public required string Path { get; init; }

    /// <summary>Header lines beside Host, Content-Type, Accept and Content-Length.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>Body; <c>@N@</c> becomes the call's number.</summary>
    public required string Body { get; init; }

    /// <summary>What an answer must hold; <c>@M@</c> becomes <see cref="Answers.Of"/> of the call's number. Null checks the status alone.</summary>
    public string? Expect { get; init; }

    /// <summary>Keep-alive connections, each with one call in flight.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Seconds before anything counts.</summary>
    public double WarmSeconds { get; init; } = 1;

    /// <summary>Seconds that count.</summary>
    public double Seconds { get; init; } = 3;

    /// <summary>Ends earlier after so many calls that count.</summary>
    public int MostCalls { get; init; } = int.MaxValue;

    /// <summary>Seed of the choice of answers that are read: one in 100.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>What came of a load. Latencies in milliseconds.</summary>
internal sealed record LoadResult
{
    /// <summary>Calls answered within the window.</summary>
    public required long Calls { get; init; }

    /// <summary>All calls, with those of the warm-up.</summary>
    public required long AllCalls { get; init; }

    /// <summary>Length of the window.</summary>
    public required double Seconds { get; init; }

    /// <summary>Answers that were read and right.</summary>
    public required long Checked { get; init; }

    /// <summary>Latencies of the calls that began after the warm-up.</summary>
    public required Latencies Latency { get; init; }

    /// <summary>Length of the last answer's body, bytes.</summary>
    public required int AnswerBytes { get; init; }

    /// <summary>Calls per second.</summary>
    [JsonIgnore]
    public double Rate => Calls / Seconds;
}

/// <summary>Percentiles of a set of times, milliseconds.</summary>
internal sealed record Latencies(double P50, double P90, double P99, double Slowest);

/// <summary>The function that every benchmark function computes, so that a result depends on its argument.</summary>
internal static class Answers
{
    /// <summary>The right answer to <paramref name="number"/>.</summary>
    public static long Of(long number) => (number * 7919) + 12345;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadSpec))]
[JsonSerializable(typeof(LoadResult))]
internal sealed partial class LoadJson : JsonSerializerContext;
