using System.Net.Security;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Runtime.Egress;
using ToolRuntime.Runtime.Egress.Tls;

namespace ToolRuntime.Tests.Unit.Runtime.Egress;

public sealed class ClientHelloTests
{
    [Theory]
    [InlineData("api.example.com", "api.example.com")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("127.0.0.1", null)]
    public async Task TheNameIsReadHoweverTheBytesCome(string host, string? expected)
    {
        var bytes = await HelloAsync(host);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(ClientHello.TryRead(bytes.AsSpan(0, length), out _), $"whole at {length} of {bytes.Length}");
        }

        Assert.True(ClientHello.TryRead(bytes, out var name));
        Assert.Equal(expected, name);
        Assert.True(ClientHello.TryRead(Split(bytes), out name));
        Assert.Equal(expected, name);
    }

    [Fact]
    public async Task NoByteThatIsWrongBreaksIt()
    {
        var hello = await HelloAsync("api.example.com");
        var change = from at in Gen.Choose(0, hello.Length - 1)
                     from to in Gen.Choose(0, 255)
                     select (at, (byte)to);
        Prop.ForAll(change.ListOf().ToArbitrary(), changes =>
        {
            var bytes = hello.ToArray();
            foreach (var (at, to) in changes)
            {
                bytes[at] = to;
            }

            return Survives(bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Fact]
    public void AnyBytesAreReadOrRefused() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => Survives([ClientHello.Handshake, 3, 1, .. bytes])).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static bool Survives(byte[] bytes)
    {
        try
        {
            _ = ClientHello.TryRead(bytes, out _);
            return true;
        }
        catch (EgressFailedException)
        {
            return true;
        }
    }

    /// <summary>The same message in records of ten bytes.</summary>
    private static byte[] Split(byte[] bytes) => [.. bytes.Skip(5).Chunk(10).SelectMany(part => (byte[])[22, 3, 1, 0, (byte)part.Length, .. part])];

    private static async Task<byte[]> HelloAsync(string host)
    {
        using var written = new Recorder();
        using var stream = new SslStream(written);
        await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, TestContext.Current.CancellationToken));
        return written.ToArray();
    }

    /// <summary>Keeps what is written, and has nothing to read.</summary>
    private sealed class Recorder : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);

        public override int Read(byte[] buffer, int offset, int count) => 0;
    }
}
