using System.IO.Pipelines;

using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.Objects;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>What comes in part is not stored.</summary>
public sealed class UploadTests(BusServer server)
{
    [Fact]
    public async Task ContentThatBreaksOffLeavesNoChunk()
    {
        var name = $"UP{Ids.New()}";
        await using var nats = await BusServer.ConnectNatsAsync(server.Options);
        var js = new NatsJSContext(nats);
        var objects = new NatsObjStore(js, name, TimeProvider.System);
        await objects.CreateAsync(8 << 20, TimeSpan.Zero, 1, BusServer.Deadline());
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(new byte[400_000], BusServer.Deadline());
        var upload = objects.UploadAsync(pipe.Reader.AsStream(), BusServer.Deadline()).AsTask();
        while ((await js.GetStreamAsync($"OBJ_{name}", BusServer.Deadline())).State.Messages < 3)
        {
            await Task.Delay(10);
        }

        await pipe.Writer.CompleteAsync(new IOException("the client is gone"));

        await Assert.ThrowsAsync<IOException>(() => upload);
        Assert.Equal(0, (await js.GetStreamAsync($"OBJ_{name}", BusServer.Deadline())).State.Messages);
    }
}
