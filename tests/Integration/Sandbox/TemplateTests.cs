using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sandbox;

public sealed class TemplateTests
{
    [Fact]
    public async Task TheFasterOfBootAndSnapshotIsChosenOnceAndKept()
    {
        using var deadline = SandboxMachine.Deadline();
        var cache = Directory.CreateTempSubdirectory("toolrt-templates-").FullName;
        try
        {
            SandboxOptions Change(SandboxOptions options) => options with { CacheFolder = Shared(cache), SnapshotLanguages = [FunctionLanguage.Python] };
            await using (var machine = await SandboxMachine.StartAsync(Change, deadline.Token))
            {
                await using var lease = await machine.LeaseAsync(SandboxMachine.Python, deadline.Token);
                Assert.Equal((0, "here\n"), await SandboxMachine.RunAsync(lease, deadline.Token, "echo", "here"));
                Assert.Equal(Chosen(cache), lease.RestoredFromSnapshot);
            }

            // Whatever this machine measured: the kept choice is what the next process does.
            foreach (var restores in new[] { true, false })
            {
                Choose(cache, restores);
                await using var machine = await SandboxMachine.StartAsync(Change, deadline.Token);
                await using var lease = await machine.LeaseAsync(SandboxMachine.Python, deadline.Token);
                Assert.Equal(restores, lease.RestoredFromSnapshot);
                Assert.Equal("worker", lease.WorkerId);
                Assert.Equal((0, "here\n"), await SandboxMachine.RunAsync(lease, deadline.Token, "echo", "here"));
            }

            // A damaged snapshot costs nobody his sandbox.
            Choose(cache, restores: true);
            using (var pages = new FileStream(Path.Combine(Template(cache), "pages.img"), FileMode.Open))
            {
                pages.Position = pages.Length / 2;
                pages.Write("damaged"u8);
            }

            await using var last = await SandboxMachine.StartAsync(Change, deadline.Token);
            await using var booted = await last.LeaseAsync(SandboxMachine.Python, deadline.Token);
            Assert.False(booted.RestoredFromSnapshot);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    // Clones of one snapshot must not draw the same numbers.
    [Fact]
    public async Task KernelsFromOneSnapshotDrawDifferentNumbers()
    {
        using var deadline = SandboxMachine.Deadline();
        var cache = Directory.CreateTempSubdirectory("toolrt-templates-").FullName;
        var kind = new PoolKind("code", FunctionLanguage.Sandbox);
        SandboxOptions Change(SandboxOptions options) => options with { CacheFolder = Shared(cache) };
        try
        {
            await using (var first = await SandboxMachine.StartAsync(Change, deadline.Token))
            {
                await (await first.LeaseAsync(kind, deadline.Token)).DisposeAsync();
            }

            Choose(cache, restores: true);
            await using var machine = await SandboxMachine.StartAsync(Change, deadline.Token);
            HashSet<string> drawn = [];
            for (var i = 0; i < 3; i++)
            {
                await using var lease = await machine.LeaseAsync(kind, deadline.Token);
                Assert.True(lease.RestoredFromSnapshot);
                drawn.Add(await DrawAsync(lease, deadline.Token));
            }

            Assert.Equal(3, drawn.Count);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    /// <summary>What the kernel prints of its generator.</summary>
    private static async Task<string> DrawAsync(ISandboxLease lease, CancellationToken cancellationToken)
    {
        var payload = """{"code":"import random; random.random()"}"""u8.ToArray();
        var frame = new byte[WorkerFrameHeader.Size + payload.Length];
        new WorkerFrameHeader(WorkerFrameType.Call, 1, payload.Length).Write(frame);
        payload.CopyTo(frame.AsSpan(WorkerFrameHeader.Size));
        await lease.Worker.WriteAsync(frame, cancellationToken);
        var header = new byte[WorkerFrameHeader.Size];
        while (true)
        {
            await lease.Worker.ReadExactlyAsync(header, cancellationToken);
            var read = WorkerFrameHeader.Read(header);
            var content = new byte[read.PayloadLength];
            await lease.Worker.ReadExactlyAsync(content, cancellationToken);
            var text = System.Text.Encoding.UTF8.GetString(content);
            if (text.Contains("is_main_result", StringComparison.Ordinal))
            {
                return text;
            }

            Assert.NotEqual(WorkerFrameType.Result, read.Type);
        }
    }

    /// <summary>A cache with templates of its own and everything else of the shared one.</summary>
    private static string Shared(string cache)
    {
        foreach (var name in new[] { "images", "runsc", "platforms" })
        {
            var link = Path.Combine(cache, name);
            if (!Directory.Exists(link))
            {
                Directory.CreateSymbolicLink(link, Path.Combine(SandboxMachine.OptionsIn(cache).CacheFolder, name));
            }
        }

        return cache;
    }

    private static string Template(string cache) => Assert.Single(Directory.GetDirectories(Path.Combine(cache, "templates")));

    private static bool Chosen(string cache)
    {
        var choice = JsonNode.Parse(File.ReadAllText(Path.Combine(Template(cache), "choice.json")))!;
        return new TemplateChoice((double)choice["bootMillis"]!, (double)choice["restoreMillis"]!).Restores;
    }

    private static void Choose(string cache, bool restores) =>
        File.WriteAllText(Path.Combine(Template(cache), "choice.json"), $$"""{"bootMillis":100,"restoreMillis":{{(restores ? 50 : 100)}}}""");
}
