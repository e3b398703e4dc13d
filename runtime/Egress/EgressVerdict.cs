using System.Net;

namespace ToolRuntime.Runtime.Egress;

/// <summary>What becomes of a wish to reach something.</summary>
/// <param name="IsAllowed">Whether it may be.</param>
/// <param name="Reason">Why, or why not, for people; bounded, and without any header's value.</param>
internal sealed record EgressVerdict(bool IsAllowed, string Reason)
{
    /// <summary>The addresses that may be connected to, in the order in which they resolved.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Headers that the request gets, as the rules write them: secrets are still names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = EgressPolicy.NoHeaders;

    /// <summary>A refusal.</summary>
    public static EgressVerdict Refuse(string reason) => new(false, reason);
}
