using System.Buffers.Binary;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.Runtime;

public sealed class WorkerFrameReaderTests
{
    [Fact]
    public void FramesComeOutAsTheyWentInHoweverTheBytesAreCut()
    {
        var frame = from type in Gen.Choose(16, 25)
                    from call in Gen.Choose(0, 1000)
                    from payload in ArbMap.Default.GeneratorFor<byte[]>()
                    select (Type: (byte)type, Call: (uint)call, Payload: payload);
        var given = from frames in frame.ListOf()
                    from piece in Gen.Choose(1, 40)
                    select (Frames: frames, Piece: piece);
        Prop.ForAll(given.ToArbitrary(), g =>
        {
            var wire = g.Frames.SelectMany(f => Frame(f.Type, f.Call, f.Payload)).ToArray();
            var read = ReadAll(new ChoppedStream(wire, g.Piece));
            return read.Count == g.Frames.Count
                && read.Zip(g.Frames).All(p => (byte)p.First.Type == p.Second.Type && p.First.Call == p.Second.Call && p.First.Payload.SequenceEqual(p.Second.Payload));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AnyBytesGiveFramesOrInvalidDataAndNothingElse()
    {
        var bytes = from wire in ArbMap.Default.GeneratorFor<byte[]>()
                    from piece in Gen.Choose(1, 9)
                    select (Wire: wire, Piece: piece);
        Prop.ForAll(bytes.ToArbitrary(), given =>
        {
            try
            {
                return ReadAll(new ChoppedStream(given.Wire, given.Piece)).TrueForAll(f => f.Type is >= WorkerFrameType.Ready and <= WorkerFrameType.HostCall);
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(4u)]
    [InlineData((64u << 20) + 6)]
    [InlineData(uint.MaxValue)]
    public void ALengthThatCannotBeIsRefused(uint length)
    {
        var wire = new byte[9];
        BinaryPrimitives.WriteUInt32LittleEndian(wire, length);
        wire[4] = 19;
        Assert.Throws<InvalidDataException>(() => ReadAll(new MemoryStream(wire)));
    }

    [Fact]
    public void AClaimOfManyBytesCostsNoMemoryBeforeTheyCome()
    {
        var wire = new byte[9];
        BinaryPrimitives.WriteUInt32LittleEndian(wire, 64 << 20);
        wire[4] = 19;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => ReadAll(new MemoryStream(wire)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void AHostFrameTypeFromAWorkerIsRefused() =>
        Assert.Throws<InvalidDataException>(() => ReadAll(new MemoryStream(Frame((byte)WorkerFrameType.Call, 1, []))));

    private static byte[] Frame(byte type, uint call, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 5 + payload.Length);
        frame[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(5), call);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private static List<(WorkerFrameType Type, uint Call, byte[] Payload)> ReadAll(Stream stream)
    {
        using var reader = new WorkerFrameReader(stream);
        List<(WorkerFrameType, uint, byte[])> read = [];
        while (reader.NextAsync(TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult() is { } frame)
        {
            read.Add((frame.Type, frame.Call, frame.Payload.ToArray()));
        }

        return read;
    }

    /// <summary>Gives at most a few bytes at a time.</summary>
    private sealed class ChoppedStream(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }
}
