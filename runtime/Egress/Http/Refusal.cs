using System.Globalization;
using System.Text;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Egress.Http;

/// <summary>The answer that a program gets from us in place of the server's.</summary>
internal static class Refusal
{
    /// <summary>Status and reason as a response of HTTP/1.1, after which the connection closes.</summary>
    public static byte[] Encode(int status, string reason)
    {
        var body = Encoding.UTF8.GetBytes($"egress: {reason}\n");
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {ReasonPhrase.Of(reason)}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nX-Egress: refused\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
