using System.Text;
using System.Text.Json;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Bus.Streams;
using ToolRuntime.Streams;

namespace ToolRuntime.Tests.Unit.Streams;

public sealed class JsonChunkTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData(""" [ {"a":1} , [2,3] ] """, """{"a":1},[2,3]""")]
    [InlineData("[[[1,2,3]]]", "[[1,2,3]]")]
    [InlineData("[]", "")]
    [InlineData("\"x\"", "\"x\"")]
    public void OneLevelOfAnArrayIsTakenOff(string body, string chunk) => Assert.Equal(chunk, Text(JsonChunks.Flatten(Encoding.UTF8.GetBytes(body))));

    [Theory]
    [InlineData("{")]
    [InlineData("1 2")]
    [InlineData("[1],[2]")]
    [InlineData("nope")]
    public void WhatIsNoJsonIsRefused(string body) => Assert.Null(JsonChunks.Flatten(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void APartIsTheFirstValuesOrBytesAndNoMoreThanThereAre()
    {
        var chunk = JsonChunks.Flatten("""[{"a":1},2,"x"]"""u8.ToArray())!.Value;

        Assert.True(JsonChunks.TryCut(chunk, 2, isJson: true, out var cut));
        Assert.Equal("""{"a":1},2""", Text(cut));
        Assert.False(JsonChunks.TryCut(chunk, 4, isJson: true, out _));
        Assert.True(JsonChunks.TryCut("hello"u8.ToArray(), 5, isJson: false, out cut));
        Assert.Equal("hello", Text(cut));
        Assert.False(JsonChunks.TryCut("hello"u8.ToArray(), 6, isJson: false, out _));
    }

    [Fact]
    public void AnyArraysComeBackAsOne() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var random = new Random(seed);
            var batches = Enumerable.Range(0, random.Next(5)).Select(_ => Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"\"[{random.Next()},]\\\u00e9\n").ToArray()).ToList();
            var chunks = batches.Select(b => new StreamChunk(default, JsonChunks.Flatten(JsonSerializer.SerializeToUtf8Bytes(b))!.Value)).ToList();
            Assert.Equal(batches.SelectMany(b => b), JsonSerializer.Deserialize<string[]>(JsonChunks.Array(chunks))!);
        }));

    private static string? Text(ReadOnlyMemory<byte>? chunk) => chunk is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
}
