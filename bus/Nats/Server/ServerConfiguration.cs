using System.Globalization;

namespace ToolRuntime.Bus.Nats.Server;

/// <summary>The text of the server's configuration file.</summary>
internal static class ServerConfiguration
{
    /// <summary>The one user.</summary>
    public const string User = "toolrt";

    // The server's own is one second: less than a loaded machine may let a process stand still.
    private const int HandshakeSeconds = 15;

    /// <summary>Writes it. Loopback only, file storage, little memory.</summary>
    public static string Of(ServerFolder folder, int port, string password, long maximumBytes) =>
        $$"""
        host: "127.0.0.1"
        port: {{port}}
        server_name: "toolrt-{{port}}"
        log_file: {{Quoted(folder.LogFile)}}
        logfile_size_limit: 16MB
        max_payload: 1MB
        max_connections: 4096
        write_deadline: "10s"
        ping_interval: "30s"
        authorization {
          user: "{{User}}"
          password: {{Quoted(password)}}
          timeout: {{HandshakeSeconds}}
        }
        jetstream {
          store_dir: {{Quoted(folder.StoreFolder)}}
          max_memory_store: {{64 << 20}}
          max_file_store: {{maximumBytes}}
        }

        """;

    /// <summary>The port in the lines of a configuration that <see cref="Of"/> wrote, or 0.</summary>
    public static int PortOf(IEnumerable<string> lines) =>
        lines.FirstOrDefault(l => l.StartsWith("port: ", StringComparison.Ordinal)) is { } line
        && ushort.TryParse(line.AsSpan("port: ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
