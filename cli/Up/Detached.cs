using System.Diagnostics;

using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Up;

/// <summary>Starts the same command in a session of its own, follows its log until it is ready, and leaves it.</summary>
internal static class Detached
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    public static async Task<int> StartAsync(DataFolder folder, UpOptions options, CancellationToken cancellationToken)
    {
        folder.Prepare();
        await File.WriteAllTextAsync(folder.LogFile, "", cancellationToken);
        using var child = Spawn(folder);
        var steps = new Steps();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_longest);
        var missing = "";
        await steps.RunAsync(async () => missing = await FollowAsync(folder, options.Url, child, steps, deadline.Token));
        if (missing.Length > 0)
        {
            await Console.Error.WriteLineAsync($"running, but /readyz says: {missing}");
        }

        Console.Out.WriteLine($"ready: {options.Url}{(options.Role == Role.Runtime ? "" : "/mcp")} (process {folder.Running()?.Pid}, log {folder.LogFile})");
        return ExitCodes.Done;
    }

    private static Process Spawn(DataFolder folder)
    {
        var start = new ProcessStartInfo("/bin/sh");
        string[] shell = ["-c", "exec setsid \"$@\" >>\"$TOOLRT_LOG\" 2>&1 </dev/null", "sh", Environment.ProcessPath!];
        var arguments = Environment.GetCommandLineArgs();
        var self = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? arguments : arguments.Skip(1);
        foreach (var word in shell.Concat(self).Where(a => a is not ("--detach" or "-d")))
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["TOOLRT_LOG"] = folder.LogFile;
        return Process.Start(start) ?? throw new CommandFailedException(ExitCodes.Internal, "the instance could not be started");
    }

    /// <summary>Returns once it is ready, with what is missing all the same, or empty.</summary>
    private static async Task<string> FollowAsync(DataFolder folder, string url, Process child, Steps steps, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        using var log = new StreamReader(new FileStream(folder.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        using var timer = new PeriodicTimer(s_look);
        string? told = null;
        while (true)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            while (await log.ReadLineAsync(cancellationToken) is { } line)
            {
                steps.Report(line);
            }

            if (child.HasExited)
            {
                throw new CommandFailedException(child.ExitCode == 0 ? ExitCodes.Internal : child.ExitCode, $"the instance ended while it started: {(await File.ReadAllTextAsync(folder.LogFile, cancellationToken)).Trim()}");
            }

            if (folder.Running() is null || await MissingAsync(http, url, cancellationToken) is not { } missing)
            {
                continue;
            }

            var why = string.Join("; ", missing.Select(m => m.Value));
            if (missing.Count == 0 || missing.Keys.All(k => k == WarmChecks.Failed))
            {
                // What fails may go on failing for ever, and nothing of it keeps the other functions from being called.
                return why;
            }

            if (why != told)
            {
                steps.Report(told = why);
            }
        }
    }

    /// <summary>What <c>/readyz</c> misses, by name; null where nobody answers yet.</summary>
    private static async Task<Dictionary<string, string>?> MissingAsync(HttpClient http, string url, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(url + "/readyz", cancellationToken);
            using var reply = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return reply.RootElement.GetProperty("missing").EnumerateObject().ToDictionary(m => m.Name, m => m.Value.ToString(), StringComparer.Ordinal);
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
