using System.Globalization;
using System.Text;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Messages that transports write themselves.</summary>
internal static class UpstreamMessages
{
    public const string CancelledMethod = "notifications/cancelled";

    public const string InitializeMethod = "initialize";

    public static readonly byte[] Initialized = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"u8.ToArray();

    public static byte[] Cancelled(long id) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{id}}},"reason":"the caller cancelled"}}"""));
}
