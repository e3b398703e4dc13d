using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sandbox;

public sealed class LeaseTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    public async ValueTask InitializeAsync() => _machine = await SandboxMachine.StartAsync(null, _deadline.Token);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    // A small layer is copied into the sandbox, a large one mounted: both look the same from inside.
    [Theory]
    [InlineData(0, "Permission denied")]
    [InlineData(100_000, "Read-only file system")]
    public async Task AWorkerIsReadyAndItsLayersAreThere(int padding, string refusal)
    {
        var code = _machine.Layer(LayerKind.Code, "add.py", "print(1 + 2)" + new string('\n', padding));
        var packages = _machine.Layer(LayerKind.PythonPackages, "one.py", "two = 2");

        await using var lease = await _machine.LeaseAsync(SandboxMachine.Python, _deadline.Token, code, packages);

        Assert.Equal("worker", lease.WorkerId);
        Assert.Equal((0, "3\n"), await SandboxMachine.RunAsync(lease, _deadline.Token, "python3", "/layers/code/add.py"));
        var asOwner = new ProcessSpec { Arguments = ["sh", "-c", "cat /layers/site-packages/one.py && touch /layers/code/new"], UserId = 0 };
        var (status, output) = await SandboxMachine.RunAsync(lease, asOwner, _deadline.Token);
        Assert.NotEqual(0, status);
        Assert.StartsWith("two = 2", output, StringComparison.Ordinal);
        Assert.Contains(refusal, output, StringComparison.Ordinal);
    }
}
