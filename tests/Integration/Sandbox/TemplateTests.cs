using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Pools;

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
