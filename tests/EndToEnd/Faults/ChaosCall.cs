using System.Net.ServerSentEvents;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>One call that a client of the chaos made, and how it ended.</summary>
/// <param name="Number">Its number, in its arguments and among the marks.</param>
/// <param name="Tool">"once": leaves a mark, and may not be repeated. "again": may.</param>
/// <param name="Kind">How it was called: "stream", "keyed" or "job".</param>
/// <param name="Outcome">"completed", or the code of its fault.</param>
/// <param name="Data">Its result or fault, as JSON.</param>
internal sealed record ChaosCall(int Number, string Tool, string Kind, string Outcome, string Data)
{
    /// <summary>Pieces of each call.</summary>
    public const int Pieces = 20;

    /// <summary>Its session, or its id as a job.</summary>
    public string Place { get; init; } = "";

    /// <summary>What its reader saw, over however many connections.</summary>
    public IReadOnlyList<SseItem<string>> Seen { get; init; } = [];

    /// <summary>What is wrong with it by itself, or null.</summary>
    public string? Wrong(int marks)
    {
        var all = Enumerable.Range(0, Pieces).Select(i => $"{Number}.{i} ").ToList();
        return Outcome switch
        {
            "completed" when !Data.Contains($"\"{all[^1]}\"", StringComparison.Ordinal) || !IsWhole(all) => $"the result is not whole: {Data}",
            "completed" when Tool == "once" && marks != 1 => $"completed with {marks} marks",
            _ when Tool == "once" && marks > 1 => $"done {marks} times",
            "completed" or "RuntimeLost" => null,
            "FunctionThrew" when Tool == "once" && Data.Contains("it is gone", StringComparison.Ordinal) => null,
            _ => "an end that none of the faults explains",
        };
    }

    /// <summary>What is wrong with what its reader saw, beside what is stored, or null.</summary>
    public string? WrongStream(IReadOnlyList<SseItem<string>> stored)
    {
        if (!stored.Select(e => (e.EventId, e.EventType, e.Data)).SequenceEqual(Seen.Select(e => (e.EventId, e.EventType, e.Data))))
        {
            return $"seen: {Written(Seen)}\nstored: {Written(stored)}";
        }

        var ends = Seen.Count(e => e.EventType is "completed" or "failed" or "gone");
        return ends != 1 ? $"{ends} ends: {Written(Seen)}" : null;
    }

    public override string ToString() => $"{Kind} call {Number} of {Tool} at {Place}: {Outcome} {Data}";

    private static string Written(IEnumerable<SseItem<string>> events) => string.Join(" | ", events.Select(e => $"{e.EventId} {e.EventType} {e.Data}"));

    private bool IsWhole(List<string> all)
    {
        var at = 0;
        return all.TrueForAll(piece => (at = Data.IndexOf($"\"{piece}\"", at, StringComparison.Ordinal)) >= 0);
    }
}
