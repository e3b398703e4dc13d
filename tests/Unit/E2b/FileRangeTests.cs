using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Envd;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>Ranges of a download (RFC 9110, section 14).</summary>
public sealed class FileRangeTests
{
    [Theory]
    [InlineData("bytes=0-9", 100, 0, 10)]
    [InlineData("bytes=90-200", 100, 90, 10)]
    [InlineData("bytes=95-", 100, 95, 5)]
    [InlineData("bytes=-10", 100, 90, 10)]
    [InlineData("bytes=-200", 100, 0, 100)]
    public void OneRangeIsCut(string header, long size, long first, long length) => Assert.Equal(new FileRange(first, length, true), Of(header, size));

    [Theory]
    [InlineData("bytes=100-")]
    [InlineData("bytes=200-300")]
    public void ARangeOutsideOfTheFileCannotBeHad(string header) => Assert.Equal(new FileRange(0, 0, false), Of(header, 100));

    [Theory]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("lines=0-1")]
    [InlineData("nonsense")]
    public void AnythingElseIsTheWholeFile(string header) => Assert.Null(Of(header, 100));

    private static FileRange? Of(string header, long size)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Range = header;
        return FileRange.Of(context.Request, size);
    }
}
