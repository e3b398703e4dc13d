using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building;

namespace ToolRuntime.Tests.Unit.Runtime;

public sealed class ManifestReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("manifest").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ASingleFileNeedsNoManifest()
    {
        Write("my tool.py", "def add(): pass");
        var manifest = Read();
        Assert.Equal(("my_tool", FunctionLanguage.Python, "my tool.py"), (manifest.Name, manifest.Language, manifest.Entry));
        Assert.Equal((300, 16, 512, 8), (manifest.TimeoutSeconds, manifest.Concurrency, manifest.Limits.MemoryMiB, manifest.Pool.Max));
    }

    [Fact]
    public void TheCommandLineWinsOverThePackage()
    {
        Write("a.py", "");
        Write("b.py", "");
        Write("toolruntime.json", """{ /* ours */ "entry": "a.py", "retry": "safe", "limits": {"memoryMiB": 64, "processes": 9}, "environment": {"A": "1"}, }""");
        var manifest = Read(overrides: """{"limits":{"memoryMiB":128},"environment":{"B":"2"},"isolation":"request"}""");
        Assert.Equal((128, 9), (manifest.Limits.MemoryMiB, manifest.Limits.Processes));
        Assert.Equal((RetryPolicy.Safe, Isolation.Request), (manifest.Retry, manifest.Isolation));
        Assert.Equal(2, manifest.Environment.Count);
    }

    [Fact]
    public void EveryErrorIsToldAtOnce()
    {
        Write("a.py", "");
        Write("toolruntime.json", """{"entry":"missing.py","isolation":"none","timeoutSeconds":0,"limits":{"memory":1,"scratchMiB":"x"},"colour":"red","secrets":[1],"environment":{"A=":1}}""");
        var message = Refused().Message;
        foreach (var part in (string[])["entry: the package has no file missing.py", "isolation: \"none\" is none of function, session, request", "timeoutSeconds: 0", "limits.memory: unknown member", "limits.scratchMiB", "colour: unknown member", "secrets: a list", "environment.A=: a string", "environment: \"A=\" is no variable's name"])
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("x.rb", "x.rb: unknown language; known are .py")]
    [InlineData("1.py", "name: \"1\" is not a function's name")]
    public void ABadFileIsRefused(string file, string message)
    {
        Write(file, "");
        Assert.Contains(message, Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralFilesAskForAnEntryUnlessOneHasTheUsualName()
    {
        Write("a.py", "");
        Write("b.py", "");
        Assert.Contains("say which one", Refused().Message, StringComparison.Ordinal);
        Write("main.py", "");
        Assert.Equal("main.py", Read().Entry);
    }

    [Fact]
    public void ABrokenManifestSaysItsLine()
    {
        Write("a.py", "");
        Write("toolruntime.json", "{\n\"name\": }");
        Assert.Contains("toolruntime.json, line 2", Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMemberThatStandsTwiceIsNamed()
    {
        Write("a.py", "");
        Write("toolruntime.json", """{"retry":"safe","retry":"never"}""");
        Assert.Matches("toolruntime.json: .*'retry'", Refused().Message);
    }

    [Fact]
    public void AnMcpServerIsASessionsOwn()
    {
        var manifest = ManifestReader.Read(_folder, new BuildRequest { PackageDigest = "", McpCommand = ["npx", "-y", "@a/server-x"] });
        Assert.Equal(("server-x", FunctionLanguage.Mcp, Isolation.Session), (manifest.Name, manifest.Language, manifest.Isolation));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private FunctionManifest Read(string? overrides = null) => ManifestReader.Read(_folder, new BuildRequest { PackageDigest = "x", ManifestOverrides = overrides });

    private FunctionFault Refused() => Assert.Throws<FunctionFaultException>(() => Read()).Fault;
}
