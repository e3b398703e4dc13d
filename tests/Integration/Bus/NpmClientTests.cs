using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.Nats.Objects;
using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Gateway;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>The NATS client from npm reads what ours writes, and the other way round: messages with headers, keys, objects, requests.</summary>
public sealed class NpmClientTests(BusServer server)
{
    [Fact]
    public async Task EachReadsWhatTheOtherWrites()
    {
        var name = $"NPM{Ids.New()}";
        await using var nats = await BusServer.ConnectNatsAsync(server.Options);
        var js = new NatsJSContext(nats);
        var (keys, objects) = (new NatsKVStore(js, name, TimeProvider.System), new NatsObjStore(js, name, TimeProvider.System));
        var large = await WriteAsync(js, name, keys, objects);

        using var theirs = await StartAsync(name);
        string[] found = [await LineAsync(theirs), await LineAsync(theirs), await LineAsync(theirs), await LineAsync(theirs), await LineAsync(theirs)];
        var written = await LineAsync(theirs);

        Assert.Equal(
            [
                $"stored {name}.ours {Hash("text"u8)} X-One=a b: c,X-Two=2",
                $"stored {name}.ours {Hash([])} ",
                $"stored {name}.ours {Hash(large)} ",
                "value a value, removed DEL",
                $"object {Hash(large)}",
            ],
            found);
        Assert.Equal("ours answered", Encoding.UTF8.GetString((await nats.RequestAsync($"{name}-request", "ours"u8.ToArray(), default, BusServer.Deadline())).Data.Span));
        await ReadAsync(js, name, (keys, objects), written);
        theirs.StandardInput.Close();
        await theirs.WaitForExitAsync(BusServer.Deadline());
    }

    [Fact]
    public async Task AnObjectNamedByAnEarlierVersionIsFoundAndRenamed()
    {
        var name = $"OLD{Ids.New()}";
        await using var nats = await BusServer.ConnectNatsAsync(server.Options);
        var js = new NatsJSContext(nats);
        var objects = new NatsObjStore(js, name, TimeProvider.System);
        await objects.CreateAsync(8 << 20, TimeSpan.Zero, 1, BusServer.Deadline());
        var (uploaded, _) = await objects.UploadAsync(new MemoryStream("kept"u8.ToArray()), BusServer.Deadline());
        var subject = objects.MetadataSubject("of the old");
        Assert.EndsWith("=", subject, StringComparison.Ordinal);
        await js.PublishAsync(subject.TrimEnd('='), JsonSerializer.SerializeToUtf8Bytes(uploaded with { Name = "of the old" }, NatsObjJson.Default.ObjectMetadata), default, default, BusServer.Deadline());

        var found = await objects.GetInfoAsync("of the old", BusServer.Deadline());

        Assert.Equal(uploaded.Digest, found!.Digest);
        Assert.Equal([subject], (await js.SubjectsAsync($"OBJ_{name}", $"$O.{name}.M.>", BusServer.Deadline())).Order(StringComparer.Ordinal));
        var content = new MemoryStream();
        await objects.CopyToAsync(found, content, BusServer.Deadline());
        Assert.Equal("kept"u8.ToArray(), content.ToArray());
    }

    private static async Task<byte[]> WriteAsync(NatsJSContext js, string name, NatsKVStore keys, NatsObjStore objects)
    {
        var large = RandomNumberGenerator.GetBytes(300_000);
        await js.CreateOrUpdateStreamAsync(new StreamConfig { Name = name, Subjects = [$"{name}.>"], MaxBytes = 8 << 20, AllowDirect = true }, BusServer.Deadline());
        await js.CreateOrUpdateStreamAsync(new StreamConfig { Name = keys.Stream, Subjects = [keys.SubjectOf(">")], MaxMsgsPerSubject = 1, MaxBytes = 8 << 20, AllowDirect = true, AllowRollup = true }, BusServer.Deadline());
        await objects.CreateAsync(8 << 20, TimeSpan.Zero, 1, BusServer.Deadline());
        await js.PublishAsync($"{name}.ours", "text"u8.ToArray(), default, default(NatsHeaders).With("X-One", "a b: c").With("X-Two", "2"), BusServer.Deadline());
        await js.PublishAsync($"{name}.ours", default, default, default, BusServer.Deadline());
        await js.PublishAsync($"{name}.ours", large, default, default, BusServer.Deadline());
        await keys.PutAsync("key", "a value"u8.ToArray(), BusServer.Deadline());
        await keys.PutAsync("gone", "x"u8.ToArray(), BusServer.Deadline());
        await keys.TryDeleteAsync("gone", null, BusServer.Deadline());
        var (uploaded, _) = await objects.UploadAsync(new MemoryStream(large), BusServer.Deadline());
        await objects.CommitAsync(uploaded with { Name = "of ours" }, BusServer.Deadline());
        return large;
    }

    private static async Task ReadAsync(NatsJSContext js, string name, (NatsKVStore Keys, NatsObjStore Objects) stores, string written)
    {
        var stored = new List<NatsMsg>();
        await foreach (var (message, _) in new NatsJSOrderedReader(js, name, $"{name}.theirs", TimeProvider.System).ReadStoredAsync(1, BusServer.Deadline()))
        {
            stored.Add(message);
        }

        Assert.Equal(["with headers", ""], stored.Select(m => Encoding.UTF8.GetString(m.Data.Span)));
        Assert.Equal(("a b: c", "1"), (stored[0].Headers["X-One"u8], stored[0].Headers["X-Two"u8]));
        Assert.Equal("a value", Encoding.UTF8.GetString((await stores.Keys.TryGetEntryAsync("theirs", BusServer.Deadline()))!.Value.Value.Span));
        Assert.True((await stores.Keys.TryGetEntryAsync("key", BusServer.Deadline()))!.Value.Operation == NatsKVOperation.Del);
        using var content = new MemoryStream();
        await stores.Objects.CopyToAsync((await stores.Objects.GetInfoAsync("of theirs", BusServer.Deadline()))!, content, BusServer.Deadline());
        Assert.Equal(written, $"written {Hash(content.ToArray())}");
    }

    private async Task<System.Diagnostics.Process> StartAsync(string name)
    {
        var url = server.Options.Servers[0];
        return await Npm.StartAsync(["nats.mjs", url, server.Options.User!, name], new() { ["NATS_PASSWORD"] = File.ReadLines(server.Options.PasswordFile!).First() });
    }

    private static async Task<string> LineAsync(System.Diagnostics.Process process) =>
        await process.StandardOutput.ReadLineAsync(BusServer.Deadline()) ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());

    private static string Hash(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));
}
