using System.Globalization;
using System.Text;

namespace ToolRuntime.Runtime.Egress.Http;

/// <summary>The answer that a program gets from us in place of the server's.</summary>
internal static class Refusal
{
    /// <summary>Status and reason as a response of HTTP/1.1, after which the connection closes.</summary>
    public static byte[] Encode(int status, string reason)
    {
        var phrase = status switch
        {
            400 => "Bad Request",
            403 => "Forbidden",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            431 => "Request Header Fields Too Large",
            _ => "Bad Gateway",
        };
        var body = Encoding.UTF8.GetBytes($"egress: {reason}\n");
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nX-Egress: refused\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
