using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Integration.Sandbox;

public sealed class CheckpointTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    private CancellationToken Within => _deadline.Token;

    public async ValueTask InitializeAsync() => _machine = await SandboxMachine.StartAsync(null, Within);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public async Task ASuspendedSandboxGoesOnWithItsMemoryFilesAndLayers(int padding)
    {
        var layer = _machine.Layer(LayerKind.Code, "x", "code" + new string('y', padding));
        var lease = await _machine.LeaseAsync(SandboxMachine.Python, Within, layer);
        var counter = await Counter.StartAsync(lease, 4, Within);
        var first = await Counter.AskAsync(counter, "before", Within);
        await lease.Agent.WriteFileAsync("/tmp/kept", "file"u8.ToArray(), Within);

        var checkpoint = await lease.CheckpointAsync(Folder("one"), Within);

        Assert.Equal(SandboxEnd.Suspended, await lease.Ended);
        Assert.Equal(new HostFootprint(0, 2, 0, 0), HostFootprint.Of(_machine.Options.WorkFolder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder("one")));
        Assert.All(checkpoint.Files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder("one"), file.Name))));
        Assert.InRange(checkpoint.Bytes, 4 << 20, 256 << 20);

        await using var restored = await RestoreAsync("one");
        Assert.NotEqual(lease.SandboxId, restored.SandboxId);
        Assert.Equal("worker", restored.WorkerId);
        await using var again = await Counter.FindAsync(restored, Within);
        Assert.Equal(first.Replace("1 ", "2 ", StringComparison.Ordinal).Replace("before", "after", StringComparison.Ordinal), await Counter.AskAsync(again, "after", Within));
        Assert.Equal("file"u8.ToArray(), await restored.Agent.ReadFileAsync("/tmp/kept", 100, Within));
        Assert.StartsWith("code", (await SandboxMachine.RunAsync(restored, Within, "cat", "/layers/code/x")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneCheckpointIsRestoredManyTimesAtOnce()
    {
        const int Forks = 6;
        await SuspendCounterAsync("fork");

        var leases = await Task.WhenAll(Enumerable.Range(0, Forks).Select(_ => RestoreAsync("fork").AsTask()));

        for (var i = 0; i < Forks; i++)
        {
            await using var counter = await Counter.FindAsync(leases[i], Within);
            Assert.EndsWith($" fork{i}", await Counter.AskAsync(counter, $"fork{i}", Within), StringComparison.Ordinal);
        }

        // A fork can be suspended in its turn, under an epoch of its own.
        Assert.Equal(2UL, (await leases[0].CheckpointAsync(Folder("second"), Within)).Epoch);
        await Task.WhenAll(leases.Select(lease => lease.DisposeAsync().AsTask()));
        await using var later = await RestoreAsync("second");
        await using var third = await Counter.FindAsync(later, Within);
        Assert.StartsWith("3 ", await Counter.AskAsync(third, "more", Within), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARestoreWaitsInTurnLikeAnyLease()
    {
        await SuspendCounterAsync("queued");
        await using var small = await SandboxMachine.StartAsync(options => options with { MaximumSandboxes = 1, CheckpointFolder = _machine.Options.CheckpointFolder }, Within);
        var holder = await small.LeaseAsync(SandboxMachine.Bare, Within);
        var places = new List<WaitingPlace>();
        var told = new TaskCompletionSource();
        var waiting = new Reports(place =>
        {
            places.Add(place);
            told.TrySetResult();
        });

        var restore = small.Pools.RestoreAsync(Folder("queued"), new RestoreRequest("local", new FunctionLimits()) { Waiting = waiting }, Within).AsTask();
        await told.Task.WaitAsync(Within);
        Assert.False(restore.IsCompleted);
        Assert.Equal(1, places[0].Position);
        await holder.DisposeAsync();

        await using var restored = await restore;
        await using var counter = await Counter.FindAsync(restored, Within);
        Assert.StartsWith("2 ", await Counter.AskAsync(counter, "on", Within), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACheckpointOutlivesTheRuntimeThatTookItAndTheImagesRoot()
    {
        var options = _machine.Options;
        await SuspendCounterAsync("kept");
        await using var other = await SandboxMachine.StartAsync(null, Within);

        // What an upgrade does: the root is packed anew under another name, and the old one goes.
        Assert.True(File.Exists(Path.Combine(Folder("kept"), "root.erofs")));
        Assert.NotEqual(options.WorkFolder, other.Options.WorkFolder);
        await using var restored = await other.Pools.RestoreAsync(Folder("kept"), new RestoreRequest("local", new FunctionLimits()), Within);
        await using var counter = await Counter.FindAsync(restored, Within);
        Assert.StartsWith("2 ", await Counter.AskAsync(counter, "on", Within), StringComparison.Ordinal);

        // The checkpoint may go while a sandbox runs that came from it, and that one can be suspended again.
        Directory.Delete(Folder("kept"), recursive: true);
        Assert.Equal((0, "here\n"), await SandboxMachine.RunAsync(restored, Within, "echo", "here"));
        await restored.CheckpointAsync(Folder("again"), Within);
        await using var later = await RestoreAsync("again");
        await using var third = await Counter.FindAsync(later, Within);
        Assert.StartsWith("3 ", await Counter.AskAsync(third, "on", Within), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "truncated", "pages.img has" },
        { "pages", "pages.img is damaged" },
        { "state", "checkpoint.img is damaged" },
        { "metadata", "cannot be read" },
        { "format", "its format is 99" },
        { "runsc", "another build of gVisor" },
        { "channel", "channel version 99" },
        { "processor", "lacks what it was made with: imaginary" },
        { "tenant", "another tenant's" },
        { "root", "root.erofs" },
        { "nothing", "checkpoint.json" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task WhatCannotBeRestoredIsRefusedWithTheReason(string damage, string reason)
    {
        var folder = Folder("damaged");
        await SuspendCounterAsync("damaged");
        Damage(folder, damage);

        var refused = await Assert.ThrowsAsync<FunctionFaultException>(async () => await RestoreAsync("damaged"));

        Assert.Equal(FaultCode.CheckpointRefused, refused.Fault.Code);
        Assert.Contains(reason, refused.Fault.Message, StringComparison.Ordinal);
        Assert.Equal(new HostFootprint(0, 2, 0, 0), HostFootprint.Of(_machine.Options.WorkFolder));
    }

    [Fact]
    public async Task ATakenNameIsRefusedAndTheSandboxLives()
    {
        await using var lease = await _machine.LeaseAsync(SandboxMachine.Bare, Within);
        Directory.CreateDirectory(Folder("taken"));

        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => lease.CheckpointAsync(Folder("taken"), Within));

        Assert.Equal(FaultCode.CheckpointRefused, refused.Fault.Code);
        Assert.Equal((0, "here\n"), await SandboxMachine.RunAsync(lease, Within, "echo", "here"));
        await lease.CheckpointAsync(Folder("free"), Within);
    }

    private static void Damage(string folder, string damage)
    {
        var metadata = Path.Combine(folder, "checkpoint.json");
        switch (damage)
        {
            case "truncated":
                using (var pages = new FileStream(Path.Combine(folder, "pages.img"), FileMode.Open))
                {
                    pages.SetLength(pages.Length / 2);
                }

                break;
            case "pages" or "state":
                using (var file = new FileStream(Path.Combine(folder, damage == "pages" ? "pages.img" : "checkpoint.img"), FileMode.Open))
                {
                    file.Position = file.Length / 2;
                    var old = file.ReadByte();
                    file.Position--;
                    file.WriteByte((byte)(old ^ 1));
                }

                break;
            case "metadata":
                File.WriteAllText(metadata, File.ReadAllText(metadata)[..200]);
                break;
            case "root":
                File.Delete(Path.Combine(folder, "root.erofs"));
                break;
            case "nothing":
                File.Delete(metadata);
                break;
            default:
                Change(metadata, damage);
                break;
        }
    }

    private static void Change(string metadata, string what)
    {
        var json = JsonNode.Parse(File.ReadAllText(metadata))!;
        switch (what)
        {
            case "format": json["format"] = 99; break;
            case "runsc": json["host"]!["runscDigest"] = new string('0', 64); break;
            case "channel": json["host"]!["channel"] = 99; break;
            case "processor": json["host"]!["cpuFlags"]!.AsArray().Add("imaginary"); break;
            default: json["tenant"] = "other"; break;
        }

        File.WriteAllText(metadata, json.ToJsonString());
    }

    private string Folder(string name) => Path.Combine(_machine.Options.CheckpointFolder, name);

    private async Task SuspendCounterAsync(string name)
    {
        var lease = await _machine.LeaseAsync(SandboxMachine.Bare, Within);
        var counter = await Counter.StartAsync(lease, 4, Within);
        Assert.StartsWith("1 ", await Counter.AskAsync(counter, "before", Within), StringComparison.Ordinal);
        await lease.CheckpointAsync(Folder(name), Within);
    }

    private ValueTask<ISandboxLease> RestoreAsync(string name) =>
        _machine.Pools.RestoreAsync(Folder(name), new RestoreRequest("local", new FunctionLimits()), Within);

    private sealed class Reports(Action<WaitingPlace> report) : IProgress<WaitingPlace>
    {
        public void Report(WaitingPlace value) => report(value);
    }
}
