using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>Asks the instance's message server itself, over a connection of our own, how far the stream of invocations has come.</summary>
internal static class StreamCount
{
    private const string Request = "$JS.API.STREAM.INFO.INVOKE";

    /// <summary>The last sequence of the stream: messages that it ever took.</summary>
    public static async Task<long> LastSequenceAsync(string dataFolder)
    {
        var configuration = await File.ReadAllLinesAsync(Directory.EnumerateFiles(dataFolder, "nats-server.conf", SearchOption.AllDirectories).First());
        using var client = new TcpClient("127.0.0.1", int.Parse(Setting(configuration, "port:")));
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        var connect = $$"""CONNECT {"verbose":false,"pedantic":false,"user":"toolrt","pass":"{{Setting(configuration, "password:")}}","lang":"benchmark","version":"1"}""";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"{connect}\r\nSUB answer 1\r\nPUB {Request} answer 0\r\n\r\n"));
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("MSG answer", StringComparison.Ordinal))
            {
                using var info = JsonDocument.Parse((await reader.ReadLineAsync())!);
                return info.RootElement.GetProperty("state").GetProperty("last_seq").GetInt64();
            }

            if (line.StartsWith("-ERR", StringComparison.Ordinal))
            {
                throw new InvalidOperationException(line);
            }
        }

        throw new InvalidOperationException("the message server closed the connection");
    }

    private static string Setting(string[] configuration, string name) =>
        configuration.Select(l => l.Trim()).First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Trim('"');
}
