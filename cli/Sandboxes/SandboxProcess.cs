using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>A process in a sandbox that this command has started and follows.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private const int Killed = 9;

    // What a shell says of a program that it does not find.
    private const int NotThere = 127;
    private const int SignalBase = 128;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private readonly SandboxLink _link;
    private readonly EnvelopeReader _events;

    private SandboxProcess(SandboxLink link, EnvelopeReader events, int pid) => (_link, _events, Pid) = (link, events, pid);

    /// <summary>Its id inside.</summary>
    public int Pid { get; }

    /// <summary>Starts it and waits until it runs.</summary>
    public static async Task<SandboxProcess> StartAsync(SandboxLink link, JsonObject start, CancellationToken cancellationToken)
    {
        var events = await link.StreamAsync("process.Process/Start", start, cancellationToken);
        try
        {
            using var first = await events.ReadAsync(cancellationToken) ?? throw new InvalidDataException("the process did not start");
            return new SandboxProcess(link, events, first.RootElement.GetProperty("event").GetProperty("start").GetProperty("pid").GetInt32());
        }
        catch (CommandFailedException missing) when (missing.Status == 404)
        {
            await events.DisposeAsync();
            throw new CommandFailedException(NotThere, missing.Message);
        }
        catch
        {
            await events.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes what comes to <paramref name="output"/> and <paramref name="errors"/> until the process ends; its exit code, as a shell tells it.</summary>
    /// <exception cref="CommandFailedException">The sandbox went away.</exception>
    public async Task<int> FollowAsync(Stream output, Stream errors, CancellationToken cancellationToken)
    {
        try
        {
            while (await _events.ReadAsync(cancellationToken) is { } message)
            {
                using (message)
                {
                    var happened = message.RootElement.GetProperty("event");
                    if (happened.TryGetProperty("end", out var end))
                    {
                        return ExitCode(end);
                    }

                    if (happened.TryGetProperty("data", out var data))
                    {
                        await WriteAsync(data, output, errors, cancellationToken);
                    }
                }
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw await _link.GoneAsync(cancellationToken);
        }

        throw new InvalidDataException("the stream ended before the process");
    }

    /// <summary>Writes to its standard input, or to its terminal.</summary>
    public Task InputAsync(ReadOnlyMemory<byte> bytes, bool isTerminal, CancellationToken cancellationToken) =>
        DoAsync("SendInput", new JsonObject { ["input"] = new JsonObject { [isTerminal ? "pty" : "stdin"] = Convert.ToBase64String(bytes.Span) } }, cancellationToken);

    /// <summary>Copies a stream to its standard input, and closes that.</summary>
    public async Task FeedAsync(Stream from, CancellationToken cancellationToken)
    {
        var buffer = new byte[48 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                await InputAsync(buffer.AsMemory(0, read), isTerminal: false, cancellationToken);
            }

            await DoAsync("CloseStdin", [], cancellationToken);
        }
        catch (CommandFailedException)
        {
            // It has ended, or closed its input: what is left is for nobody.
            return;
        }
    }

    /// <summary>Tells it the size of its terminal.</summary>
    public Task ResizeAsync(JsonObject size, CancellationToken cancellationToken) => DoAsync("Update", new JsonObject { ["pty"] = new JsonObject { ["size"] = size } }, cancellationToken);

    /// <summary>Ends it, if that can be done soon.</summary>
    public async Task KillAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await DoAsync("SendSignal", new JsonObject { ["signal"] = Killed }, patience.Token);
        }
        catch (Exception error) when (error is CommandFailedException or OperationCanceledException)
        {
            // It is gone already, or its sandbox is.
            return;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _events.DisposeAsync();

    private Task<JsonElement> DoAsync(string method, JsonObject body, CancellationToken cancellationToken)
    {
        body["process"] = new JsonObject { ["pid"] = Pid };
        return _link.CallAsync($"process.Process/{method}", body, cancellationToken);
    }

    private static async ValueTask WriteAsync(JsonElement data, Stream output, Stream errors, CancellationToken cancellationToken)
    {
        foreach (var piece in data.EnumerateObject())
        {
            var to = piece.Name == "stderr" ? errors : output;
            await to.WriteAsync(piece.Value.GetBytesFromBase64(), cancellationToken);
            await to.FlushAsync(cancellationToken);
        }
    }

    private static int ExitCode(JsonElement end)
    {
        if (end.Text("exited") != "false")
        {
            return end.TryGetProperty("exitCode", out var code) ? code.GetInt32() : 0;
        }

        var signal = end.Text("status").Replace("signal: ", "", StringComparison.Ordinal);
        return SignalBase + signal switch
        {
            "hangup" => 1,
            "interrupt" => 2,
            "aborted" => 6,
            "killed" => Killed,
            "segmentation fault" => 11,
            "broken pipe" => 13,
            "terminated" => 15,
            _ => int.TryParse(signal.Replace("signal ", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0,
        };
    }
}
