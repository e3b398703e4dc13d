using System.Diagnostics;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;

namespace ToolRuntime.Tests.Integration.CSharp;

/// <summary>The published worker as a process of this machine, on two named pipes as its descriptors 3 and 4, with one script.</summary>
internal sealed class WorkerOnHost : IDisposable
{
    private readonly Process _process;

    private WorkerOnHost(string folder, Process process, WorkerTalk talk)
    {
        Folder = folder;
        _process = process;
        Talk = talk;
    }

    public string Folder { get; }

    public WorkerTalk Talk { get; }

    public string Code => Path.Combine(Folder, "code");

    /// <summary>Where the worker looks for assemblies.</summary>
    public string Layer => Path.Combine(Folder, "assemblies");

    /// <summary>Starts one that has said READY.</summary>
    public static WorkerOnHost Start(string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("toolrt-csharp-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "code"));
        var (input, output) = (Path.Combine(folder, Guid.NewGuid().ToString("n")), Path.Combine(folder, Guid.NewGuid().ToString("n")));
        const string launcher = "mkfifo \"$1\" \"$2\" && echo && exec dotnet \"$3\" \"$4\" 3<\"$1\" 4>\"$2\"";
        var process = Process.Start(new ProcessStartInfo("bash", ["-c", launcher, "-", input, output, PublishedWorker.Assembly, Path.Combine(folder, "assemblies")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardOutput.ReadLine();
        var toWorker = new FileStream(input, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var fromWorker = new FileStream(output, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var worker = new WorkerOnHost(folder, process, new WorkerTalk(fromWorker, toWorker));
        Assert.Equal(WorkerFrameType.Ready, worker.Talk.Next().Type);
        return worker;
    }

    public void Write(string name, string source)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Code, name))!);
        File.WriteAllText(Path.Combine(Code, name), source);
    }

    /// <summary>Loads the script <paramref name="source"/> for inspection.</summary>
    public (WorkerFrameType Type, JsonElement Payload) Inspect(string source, string? output = null, long outputBytes = 1 << 20)
    {
        Write("script.csx", source);
        return Talk.Load(Code, "script.csx", inspect: true, output, outputBytes);
    }

    /// <summary>Loads it and asserts that it is loaded; its tools.</summary>
    public JsonElement Tools(string source, string? output = null, long outputBytes = 1 << 20)
    {
        var (type, payload) = Inspect(source, output, outputBytes);
        Assert.True(type == WorkerFrameType.Loaded, payload.ToString());
        return payload.GetProperty("tools");
    }

    /// <summary>Ends the process, by SHUTDOWN; its exit code.</summary>
    public int Stop()
    {
        Talk.Send(WorkerFrameType.Shutdown, 0, new { });
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Talk.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
