using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit;

public sealed class VolumeMountTests
{
    [Theory]
    [InlineData("data:/data", "data", "/data", false)]
    [InlineData("my-data_2:/home/user/x:ro", "my-data_2", "/home/user/x", true)]
    [InlineData("d:/mnt/a:b", "d", "/mnt/a:b", false)]
    public void AVolumeAndItsPlaceAreRead(string text, string name, string path, bool readOnly) =>
        Assert.Equal(new VolumeMount(name, path) { ReadOnly = readOnly }, VolumeMount.Parse(text));

    [Theory]
    [InlineData("data")]
    [InlineData(":/data")]
    [InlineData("data:")]
    [InlineData("data:relative")]
    [InlineData("data:/")]
    [InlineData("data:/etc")]
    [InlineData("data:/usr")]
    [InlineData("data:/proc/x")]
    [InlineData("data:/volumes/other")]
    [InlineData("data:/a/../b")]
    [InlineData("data:/a//b")]
    [InlineData("../x:/data")]
    [InlineData("a.b:/data")]
    public void WhatCannotBeIsNone(string text) => Assert.Null(VolumeMount.Parse(text));

    [Theory]
    [InlineData("a:/x b:/x", "/x")]
    [InlineData("a:/x b:/x/y", "/x/y")]
    [InlineData("a:/x a:/y", "twice")]
    public void PlacesAreApart(string both, string named) =>
        Assert.Contains(named, VolumeMount.WrongIn([.. both.Split(' ').Select(v => VolumeMount.Parse(v)!)]), StringComparison.Ordinal);
}
