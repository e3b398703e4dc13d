using System.Text;

using ToolRuntime.OpenApi.Responses;

namespace ToolRuntime.Tests.Unit.OpenApi.Responses;

/// <summary>Text becomes UTF-8 whatever it came in.</summary>
public sealed class ResponseMediaTests
{
    [Theory]
    [InlineData("shift_jis", "93FA967B", "日本")]
    [InlineData("gbk", "D6D0CEC4", "中文")]
    [InlineData("big5", "A4A4A4E5", "中文")]
    [InlineData("euc-kr", "C7D1B1B9", "한국")]
    [InlineData("KOI8-R", "F0D2C9", "При")]
    [InlineData("windows-1252", "80", "€")]
    [InlineData("iso-8859-1", "80E9", "€é")]
    [InlineData("iso-8859-15", "A4", "€")]
    [InlineData("iso-8859-2", "A3F3", "Łó")]
    [InlineData("utf-16", "00E9", "é")]
    [InlineData("\"UTF-8\"", "C3A9", "é")]
    [InlineData("x-none", "C3A9", "é")]
    [InlineData("utf-7", "C3A9", "é")]
    [InlineData(null, "C3A9", "é")]
    public void EveryCharsetThatDotNetHasIsRead(string? charset, string bytes, string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(ResponseMedia.ToUtf8(Convert.FromHexString(bytes), charset).Span));
}
