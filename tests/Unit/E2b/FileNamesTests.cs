using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Envd;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>Names and paths that clients send.</summary>
public sealed class FileNamesTests
{
    private static readonly SandboxUser s_user = new("user", 1000, 1000, "/home/user");

    [Theory]
    [InlineData("", "/home/user")]
    [InlineData("~", "/home/user")]
    [InlineData("~/a", "/home/user/a")]
    [InlineData("a/b", "/home/user/a/b")]
    [InlineData("/etc/passwd", "/etc/passwd")]
    [InlineData("../x", "/home/x")]
    [InlineData("/a/./b/../c/", "/a/c")]
    [InlineData("/../..", "/")]
    [InlineData("~x", "/home/user/~x")]
    public void PathsAreResolvedForTheirUser(string path, string expected) => Assert.Equal(expected, s_user.Resolve(path));

    [Theory]
    [InlineData("form-data; name=\"file\"; filename=\"a/b c.txt\"", "a/b c.txt")]
    [InlineData("form-data; name=\"file\"; filename=\"grüße 日本.txt\"", "grüße 日本.txt")]
    [InlineData("form-data; name=\"file\"; filename=\"say %22hi%22\"", "say \"hi\"")]
    [InlineData("form-data; name=\"file\"; FileName=\"x\"", "x")]
    [InlineData("form-data; name=\"file\"; filename=\"a\\\\b\\c\"", "a\\b\\c")]
    [InlineData("form-data; name=\"file\"; filename=\"say \\\"hi\\\"\"", "say \"hi\"")]
    [InlineData("form-data; name=\"file\"", null)]
    [InlineData("form-data; name=\"file\"; filename=\"open", null)]
    public void FileNamesKeepTheirFolders(string disposition, string? expected) => Assert.Equal(expected, MultipartFiles.FileName(disposition));

    [Theory]
    [InlineData("form-data; name=\"file\"", true)]
    [InlineData("form-data; name=file", true)]
    [InlineData("form-data; name=\"other\"", false)]
    [InlineData("form-data", false)]
    [InlineData(null, false)]
    public void APartNamedFileIsOneWithoutAFileNameToo(string? disposition, bool expected) => Assert.Equal(expected, MultipartFiles.IsFile(disposition));

    [Fact]
    public void AttributesHaveBounds()
    {
        Assert.Null(UploadAttributes.Refuse(new Dictionary<string, string> { ["a"] = "b c" }));
        Assert.Contains("'k'", UploadAttributes.Refuse(new Dictionary<string, string> { ["k"] = "ü" }), StringComparison.Ordinal);
        Assert.NotNull(UploadAttributes.Refuse(new Dictionary<string, string> { [new string('k', 247)] = "v" }));
        Assert.Contains("4096", UploadAttributes.Refuse(new Dictionary<string, string> { ["k"] = new string('v', 4096) }), StringComparison.Ordinal);
    }
}
