using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Isolation;

/// <summary>
/// Tries to get out of sandboxes, and from one into another: the same for every backend. A secret is left on the host while it runs, in a file
/// that anybody may read and in the environment of this process.
/// </summary>
public sealed class IsolationSuite(Func<IReadOnlyList<VolumeBinding>, CancellationToken, ValueTask<ISandboxLease>> lease)
{
    private const int MostOutput = 64 * 1024;
    private const string Mark = "BREACH ";
    private const int Root = 0;
    private const int User = 1000;
    private static readonly TimeSpan s_probe = TimeSpan.FromSeconds(30);
    private readonly string _canary = $"canary-{Guid.NewGuid():N}";

    /// <summary>Runs every probe.</summary>
    public async Task<IReadOnlyList<IsolationFinding>> RunAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), $"toolrt-{_canary[..15]}");
        await File.WriteAllTextAsync(path, _canary, cancellationToken);
        Environment.SetEnvironmentVariable("TOOLRT_ISOLATION_CANARY", _canary);
        try
        {
            return [.. await InsideAsync(path, cancellationToken), .. await AmongAsync(path, cancellationToken), .. await VolumesAsync(path, cancellationToken)];
        }
        finally
        {
            Environment.SetEnvironmentVariable("TOOLRT_ISOLATION_CANARY", null);
            File.Delete(path);
        }
    }

    private async Task<IReadOnlyList<IsolationFinding>> InsideAsync(string path, CancellationToken cancellationToken)
    {
        var findings = new List<IsolationFinding>();
        await using var sandbox = await lease([], cancellationToken);
        foreach (var probe in IsolationProbes.All)
        {
            var script = probe.Script.Replace("@CANARY@", _canary, StringComparison.Ordinal).Replace("@PATH@", path, StringComparison.Ordinal);
            var breaches = await TryAsync(sandbox, script, User, cancellationToken);
            if (probe.AsRoot)
            {
                breaches = [.. breaches, .. (await TryAsync(sandbox, script, Root, cancellationToken)).Select(b => $"as root: {b}")];
            }

            findings.Add(new IsolationFinding(probe.Name, breaches));
        }

        findings.Add(new IsolationFinding("the sandbox outlives what was tried in it", sandbox.Ended.IsCompleted ? ["it has ended"] : []));
        return findings;
    }

    /// <summary>What one sandbox leaves to another, beside it and after it.</summary>
    private async Task<IReadOnlyList<IsolationFinding>> AmongAsync(string path, CancellationToken cancellationToken)
    {
        const string Leave = "for d in /tmp /dev/shm /home/user /var/tmp /run; do echo @ > $d/isolation-left 2>/dev/null; done; (exec -a isolation-process sleep 600 >/dev/null 2>&1 &) ; true";
        const string Look = """
            grep -rlsF "@" /tmp /dev/shm /home /var/tmp /run 2>/dev/null | sed 's/^/BREACH left by another: /'
            cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -x "isolation[-]process" | sed 's/^/BREACH a process of another: /'
            true
            """;
        var left = $"left-{Guid.NewGuid():N}";
        List<string> beside;
        await using (var first = await lease([], cancellationToken))
        {
            await using var second = await lease([], cancellationToken);
            await TryAsync(first, Leave.Replace("@", left, StringComparison.Ordinal), User, cancellationToken);
            beside = [.. await TryAsync(second, Look.Replace("@", left, StringComparison.Ordinal), Root, cancellationToken)];
        }

        await using var later = await lease([], cancellationToken);
        var after = await TryAsync(later, Look.Replace("@", left, StringComparison.Ordinal), Root, cancellationToken);
        return
        [
            new("data of a sandbox beside", beside),
            new("data of a sandbox before", after),
            new("the agent's file operations", await ThroughAgentAsync(later, path, cancellationToken)),
        ];
    }

    /// <summary>What a sandbox with a volume gets by it, and what others get of that volume, beside it and after it.</summary>
    private async Task<IReadOnlyList<IsolationFinding>> VolumesAsync(string path, CancellationToken cancellationToken)
    {
        const string Own = """
            ln -sfn / /isolation/root; ln -sfn "@PATH@" /isolation/file; ln -sfn ../../../../../../../..@PATH@ /isolation/up
            for f in /isolation/file /isolation/up "/isolation/root@PATH@"; do [ -r "$f" ] && echo "BREACH $f of the host can be read"; done
            for f in /volumes/isolation-left /volumes/isolation/../isolation-left; do ( : > $f ) 2>/dev/null && echo "BREACH the host's disk can be written beside a volume: $f"; done
            mknod /isolation/device b 254 0 2>/dev/null && head -c 1 /isolation/device 2>/dev/null | grep -qc . && echo "BREACH a device of the host can be read"
            echo LEFT > /isolation/left
            """;
        const string Look = """
            ls -A /volumes 2>/dev/null | sed 's/^/BREACH a volume of another: /'
            grep -rlsF LEFT /volumes /isolation 2>/dev/null | sed 's/^/BREACH left in a volume of another: /'
            ( : > /volumes/isolation-left ) 2>/dev/null && echo "BREACH the host's disk can be written"
            true
            """;
        var left = $"left-{Guid.NewGuid():N}";
        var folder = Directory.CreateTempSubdirectory("toolrt-isolation-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_111_111);
        try
        {
            List<string> breaches = [];
            await using (var plain = await lease([], cancellationToken))
            {
                if (!plain.Capabilities.Volumes)
                {
                    return [];
                }

                await using var owner = await lease([new VolumeBinding(folder.FullName, new VolumeMount("isolation", "/isolation"))], cancellationToken);
                foreach (var user in (int[])[User, Root])
                {
                    breaches.AddRange(await TryAsync(owner, Own.Replace("@PATH@", path, StringComparison.Ordinal).Replace("LEFT", left, StringComparison.Ordinal), user, cancellationToken));
                    breaches.AddRange(await TryAsync(plain, Look.Replace("LEFT", left, StringComparison.Ordinal), user, cancellationToken));
                }
            }

            breaches.AddRange(File.Exists(Path.Combine(folder.FullName, "left")) ? [] : ["what was written did not come to the volume, so nothing was tried"]);
            await using var later = await lease([], cancellationToken);
            breaches.AddRange(await TryAsync(later, Look.Replace("LEFT", left, StringComparison.Ordinal), Root, cancellationToken));
            return [new("volumes, its own and another's", breaches)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Asks the agent itself for what is the host's: it must know no other files than the sandbox's.</summary>
    private async Task<IReadOnlyList<string>> ThroughAgentAsync(ISandboxLease sandbox, string path, CancellationToken cancellationToken)
    {
        var breaches = new List<string>();
        foreach (var asked in new[] { path, $"/../..{path}", $"/proc/1/root{path}", $"/proc/self/root/../..{path}" })
        {
            try
            {
                var content = await sandbox.Agent.ReadFileAsync(asked, MostOutput, cancellationToken);
                if (Encoding.UTF8.GetString(content).Contains(_canary, StringComparison.Ordinal))
                {
                    breaches.Add($"the agent reads {asked} of the host");
                }
            }
            catch (AgentException)
            {
                // It is not there, as it should be.
                continue;
            }
        }

        return breaches;
    }

    private static async Task<IReadOnlyList<string>> TryAsync(ISandboxLease sandbox, string script, int user, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_probe);
        var spec = new ProcessSpec { Arguments = ["/bin/sh", "-c", script], UserId = user, WorkingDirectory = "/", KillAfter = s_probe };
        var output = new StringBuilder();
        await using var process = await sandbox.Agent.SpawnAsync(spec, deadline.Token);
        while (await process.ReadAsync(deadline.Token) is { } piece)
        {
            if (!piece.IsError && output.Length < MostOutput)
            {
                output.Append(Encoding.UTF8.GetString(piece.Data.Span));
            }
        }

        return [.. output.ToString().Split('\n').Where(l => l.StartsWith(Mark, StringComparison.Ordinal)).Select(l => l[Mark.Length..])];
    }
}
