using System.Runtime.InteropServices;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>A machine that lacks what is needed: the launcher and the doctor name it with the command that mends it.</summary>
public sealed class MachineTests : IDisposable
{
    private static readonly string s_dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-machine-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TheDoctorNamesWhatDeploysNeedAndTheCommandThatInstallsIt()
    {
        var dll = Path.Combine(Toolrt.Root, ".build", "product", "toolrt.dll");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = _folder, ["TOOLRT_ROOT"] = Toolrt.Root };

        var doctor = await CommandResult.OfAsync(s_dotnet, [dll, "doctor", "--json", "--data", _folder], environment: environment);

        Assert.Equal(3, doctor.ExitCode);
        var checks = JsonElement.Parse(doctor.Output).EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!, StringComparer.Ordinal);
        foreach (var (program, package) in new[] { ("npm", "npm"), ("git", "git"), ("dotnet", "dotnet-sdk-10.0"), ("nats-server", "nats-server") })
        {
            Assert.Equal("Failed", checks[program].GetProperty("outcome").GetString());
            Assert.Contains("needed for", checks[program].GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.EndsWith($"apt-get install -y --no-install-recommends {package}", checks[program].GetProperty("mend").GetString(), StringComparison.Ordinal);
        }

        Assert.True(checks.ContainsKey("pip"));
        Assert.True(checks.ContainsKey("runsc"));
    }

    [Fact]
    public async Task WithoutRootTheLauncherPrintsTheExactCommand()
    {
        Stub("id", "echo 1000");

        var up = await LaunchAsync();

        Assert.Equal(3, up.ExitCode);
        Assert.Contains("run as root:  apt-get update && apt-get install -y --no-install-recommends nats-server mmdebstrap erofs-utils npm gcc git", up.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithRootTheLauncherInstallsWhatIsMissingPipToo()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: hides Debian's pip by a mount of its own");
        var log = Path.Combine(_folder, "apt.log");
        Stub("id", "echo 0");
        Stub("apt-get", $"echo \"$*\" >>{log}; [ \"$1\" = update ]");

        var up = await LaunchAsync("unshare", "--mount", "bash", "-c", "mount -t tmpfs none /usr/lib/python3/dist-packages && exec \"$@\"", "bash");

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("installing missing Debian packages:", up.Errors, StringComparison.Ordinal);
        var calls = await File.ReadAllLinesAsync(log);
        Assert.StartsWith("update", calls[0], StringComparison.Ordinal);
        Assert.Contains("--no-install-recommends nats-server mmdebstrap erofs-utils npm gcc git", calls[1], StringComparison.Ordinal);
        Assert.Contains("python3-pip", calls[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutRunscAndWithoutAnArchiveTheStartSaysWhatToDo()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: a start without it ends before");
        Stub("apt-get", "echo 'E: no archive can be reached' >&2; exit 100");
        File.CreateSymbolicLink(Path.Combine(_folder, "nats-server"), "/usr/sbin/nats-server");
        var agent = Path.Combine(_folder, "agent");
        await File.WriteAllTextAsync(agent, "");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = _folder,
            ["TOOLRT_ROOT"] = Toolrt.Root,
            ["TOOLRT_CACHE"] = Path.Combine(_folder, "cache"),
            ["TOOLRT_AGENT"] = agent,
        };
        var dll = Path.Combine(Toolrt.Root, ".build", "product", "toolrt.dll");

        var up = await CommandResult.OfAsync(s_dotnet, [dll, "up", "--data", Path.Combine(_folder, "data"), "--port", $"{Toolrt.FreePort()}"], environment: environment);

        Assert.True(up.ExitCode == 3, up.ToString());
        Assert.Contains("no archive can be reached", up.Errors, StringComparison.Ordinal);
        Assert.Contains("install gVisor yourself and name it in host.json: toolruntime.sandbox.runscPath", up.Errors, StringComparison.Ordinal);
    }

    /// <summary>Runs <c>toolrt up</c> where the path has only what a bare Debian has, and the .NET SDK.</summary>
    private Task<CommandResult> LaunchAsync(params string[] before)
    {
        foreach (var program in (string[])["bash", "env", "dirname", "readlink", "mkdir", "ls", "tr", "find"])
        {
            File.CreateSymbolicLink(Path.Combine(_folder, program), $"/usr/bin/{program}");
        }

        File.CreateSymbolicLink(Path.Combine(_folder, "dotnet"), s_dotnet);
        string[] command = [.. before, "env", $"PATH={_folder}", Path.Combine(Toolrt.Root, "toolrt"), "up", "--data", _folder];
        return CommandResult.OfAsync(command[0], command[1..]);
    }

    private void Stub(string program, string body)
    {
        var path = Path.Combine(_folder, program);
        File.WriteAllText(path, $"#!/bin/bash\n{body}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }
}
