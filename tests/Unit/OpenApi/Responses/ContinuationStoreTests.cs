using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Tests.Unit.OpenApi.Responses;

public sealed class ContinuationStoreTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void IsReadOnPieceByPieceByItsOwnerAloneAndNeverInHalfACharacter()
    {
        var store = new ContinuationStore(new ContinuationOptions(), _time);
        var handle = store.Keep("me", Encoding.UTF8.GetBytes("aü€😀z"), "text/plain")!;
        Assert.Null(store.Read("you", handle, 0, 10));
        var (offset, text) = (0, "");
        while (store.Read("me", handle, offset, 4) is var (piece, next, total) && piece.Length > 0)
        {
            text += Encoding.UTF8.GetString(piece.Span);
            offset = next;
            Assert.Equal(11, total);
        }

        Assert.Equal("aü€😀z", text);
    }

    [Fact]
    public void IsGoneAfterItsTimeAndBeyondTheBounds()
    {
        var store = new ContinuationStore(new ContinuationOptions { MaxBytes = 10, MaxEntries = 3 }, _time);
        var first = store.Keep("me", new byte[6], "x")!;
        var second = store.Keep("me", new byte[6], "x")!;
        Assert.Null(store.Find("me", first));
        Assert.NotNull(store.Find("me", second));
        Assert.Null(store.Keep("me", new byte[11], "x"));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Null(store.Find("me", second));
    }

    [Theory]
    [InlineData("""[{"a":"xxxxxxxxxx","b":1},{"a":"y","b":2},{"a":"z","b":3}]""", 45)]
    [InlineData("""{"items":[1,2,3,4,5,6,7,8,9,10,11,12],"next":null}""", 40)]
    public void ShortenedJsonKeepsItsShape(string text, int maximum)
    {
        var pruned = JsonPruner.Prune(JsonElement.Parse(text), maximum)!.Value;
        Assert.InRange(pruned.Length, 1, maximum);
        var (before, after) = (JsonElement.Parse(text), JsonElement.Parse(pruned.Span));
        Assert.Equal(before.ValueKind, after.ValueKind);
        if (before.ValueKind == JsonValueKind.Object)
        {
            Assert.Equal(before.EnumerateObject().Select(m => m.Name), after.EnumerateObject().Select(m => m.Name));
        }
    }

    [Fact]
    public void JsonThatCannotBeShortenedIsSaidToBeSo()
    {
        var wide = JsonElement.Parse($"{{{string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"{i}\":1"))}}}");
        Assert.Null(JsonPruner.Prune(wide, 100));
        var text = JsonPruner.Prune(JsonElement.Parse($"[\"{new string('x', 10_000)}\"]"), 2000)!.Value;
        Assert.InRange(text.Length, 1, 2000);
    }
}
