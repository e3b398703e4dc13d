using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;
using ToolRuntime.Tests.Integration.Sandbox;

namespace ToolRuntime.Tests.Integration.CSharp;

/// <summary>The worker in a sandbox of the warm pools: inspected in one, called in another.</summary>
public sealed class SandboxedScriptTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly PoolKind s_kind = new("csharp", FunctionLanguage.CSharp);
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    public async ValueTask InitializeAsync() =>
        _machine = await SandboxMachine.StartAsync(o => o with { CSharpWorkerFolder = PublishedWorker.Folder }, _deadline.Token);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task AScriptIsCompiledInOneSandboxAndCalledInAnother()
    {
        var code = _machine.Layer(LayerKind.Code, "add.csx", "public double Add(double a, double b) => a + b;\npublic int Loaded() => AppDomain.CurrentDomain.GetAssemblies().Count(a => a.GetName().Name!.StartsWith(\"Microsoft.CodeAnalysis\"));");
        LayerReference assemblies;
        await using (var inspected = await _machine.LeaseAsync(s_kind, _deadline.Token, code))
        {
            using var talk = Talk(inspected);
            var watch = Stopwatch.StartNew();
            var (type, payload) = talk.Load("/layers/code", "add.csx", inspect: true, output: "/tmp/script");
            output.WriteLine($"inspect and compile: {watch.ElapsedMilliseconds} ms");
            Assert.True(type == WorkerFrameType.Loaded, payload.ToString());
            Assert.Equal("Add", payload.GetProperty("tools")[0].GetProperty("name").GetString());
            assemblies = await PackAsync(inspected);
        }

        await using var lease = await _machine.LeaseAsync(s_kind, _deadline.Token, code, assemblies);
        using var second = Talk(lease);
        var first = Stopwatch.StartNew();
        var (loaded, what) = second.Load("/layers/code", "add.csx", inspect: false);
        Assert.True(loaded == WorkerFrameType.Loaded, what.ToString());
        output.WriteLine($"load: {first.ElapsedMilliseconds} ms");
        Assert.Equal(3, second.Run("Add", """{"a":1,"b":2}""")[^1].Payload.GetProperty("value").GetDouble());
        output.WriteLine($"load and first call: {first.ElapsedMilliseconds} ms");
        Assert.Equal(0, second.Run("Loaded", "{}")[^1].Payload.GetProperty("value").GetInt32());
        var stats = await lease.Agent.GetStatsAsync(_deadline.Token);
        output.WriteLine($"resident in the sandbox: {stats.ResidentBytes >> 20} MiB");
    }

    private static WorkerTalk Talk(ISandboxLease lease) => new(lease.Worker, lease.Worker);

    private async Task<LayerReference> PackAsync(ISandboxLease lease)
    {
        using var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var name in (string[])["script.dll", "script.json", "script.pdb"])
            {
                var content = await lease.Agent.ReadFileAsync($"/tmp/script/{name}", 16 << 20, _deadline.Token);
                await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) }, _deadline.Token);
            }
        }

        var bytes = tar.ToArray();
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await File.WriteAllBytesAsync(Path.Combine(_machine.LayerFolder, digest), bytes, _deadline.Token);
        return new LayerReference(LayerKind.Assemblies, digest, bytes.Length);
    }
}
