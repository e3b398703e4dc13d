using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Bus.Mailboxes;

/// <summary>The ids of requests that have a key: the same for the same key, and an id in form.</summary>
internal static class RequestIds
{
    /// <summary>The id of a request.</summary>
    public static string Of(string tenant, string mailbox, string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}/{mailbox}/{key}")).AsSpan(0, 16));
}
