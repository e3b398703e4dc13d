using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

/// <summary>
/// The reader of the message server's bytes, as the connection drives it: whatever way the network cuts them, the same messages come out; what is no
/// protocol ends in a violation, in bounded memory. A failure prints the generator's seed and the shortest case.
/// </summary>
public sealed class NatsReaderFuzzTests
{
    [Fact]
    public void EachKindMayBeCutAtEachByteIntoTwo()
    {
        var frames = ServerFrame.OfEachKind;
        var bytes = frames.SelectMany(f => f.Bytes).ToArray();
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(Expected(frames), FrameReading.Read([bytes[..cut], bytes[cut..]]));
        }

        Assert.Equal(Expected(frames), FrameReading.Read(bytes.Chunk(1)));
    }

    [Fact]
    public void ALargePayloadMayBeCutAtEachByteIntoTwo()
    {
        ServerFrame[] frames = [ServerFrame.Message("a", 1, "", "NATS/1.0\r\n\r\n", new byte[(16 * 1024) + 50]), ServerFrame.Message("b", 2, "", null, "after"u8)];
        var bytes = frames.SelectMany(f => f.Bytes).ToArray();
        var expected = Expected(frames);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.True(expected.SequenceEqual(FrameReading.Read([bytes[..cut], bytes[cut..]])), $"cut at byte {cut}");
        }
    }

    [Fact]
    public void AnyFramesMayBeCutAnywhereAsOftenAsOneLikes()
    {
        var streams =
            from frames in ServerFrame.Any.ListOf()
            from cuts in Gen.Choose(1, 5000).NonEmptyListOf()
            select (Frames: frames, Cuts: cuts);
        Prop.ForAll(streams.ToArbitrary(), stream => Expected(stream.Frames).SequenceEqual(FrameReading.Read(Cut(stream.Frames, stream.Cuts)))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AStreamWithOneWrongByteIsReadOrRefusedAlikeHoweverItIsCut()
    {
        var streams =
            from frames in ServerFrame.Any.NonEmptyListOf()
            from cuts in Gen.Choose(1, 500).NonEmptyListOf()
            from at in Gen.Choose(0, 1_000_000)
            from value in Gen.Choose(0, 255)
            select (Bytes: Spoiled(frames, at, (byte)value), Cuts: cuts);
        Prop.ForAll(streams.ToArbitrary(), stream => FrameReading.Outcome([stream.Bytes]) == FrameReading.Outcome(Cut(stream.Bytes, stream.Cuts))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AStreamThatEndsAnywhereGivesTheWholeMessagesAndNoOther()
    {
        var frames = ServerFrame.OfEachKind;
        var bytes = frames.SelectMany(f => f.Bytes).ToArray();
        var ends = frames.Aggregate(new List<int> { 0 }, (all, f) => [.. all, all[^1] + f.Bytes.Length]);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(Expected([.. frames.Take(ends.FindLastIndex(e => e <= length))]), FrameReading.Read([bytes[..length]]));
        }
    }

    private static List<string> Expected(IEnumerable<ServerFrame> frames) => [.. frames.Select(f => f.Seen).OfType<string>()];

    private static byte[] Spoiled(IEnumerable<ServerFrame> frames, int at, byte value)
    {
        var bytes = frames.SelectMany(f => f.Bytes).ToArray();
        bytes[at % bytes.Length] = value;
        return bytes;
    }

    private static IEnumerable<byte[]> Cut(IEnumerable<ServerFrame> frames, IReadOnlyList<int> cuts) => Cut([.. frames.SelectMany(f => f.Bytes)], cuts);

    private static IEnumerable<byte[]> Cut(byte[] bytes, IReadOnlyList<int> cuts)
    {
        for (var (at, i) = (0, 0); at < bytes.Length; i++)
        {
            var end = Math.Min(bytes.Length, at + cuts[i % cuts.Count]);
            yield return bytes[at..end];
            at = end;
        }
    }
}
