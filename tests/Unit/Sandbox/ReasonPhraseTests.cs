using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.Sandbox;

/// <summary>Reasons in the status line.</summary>
public sealed class ReasonPhraseTests
{
    [Theory]
    [InlineData("no rule allows pypi.org:443", "no rule allows pypi.org:443")]
    [InlineData("a\r\nSet-Cookie: b\u007f\tč", "aSet-Cookie: b")]
    public void WhatHasNoPlaceInALineIsLeftOut(string reason, string phrase) => Assert.Equal(phrase, ReasonPhrase.Of(reason));

    [Fact]
    public void ALongOneIsCut() => Assert.Equal(new string('x', 200), ReasonPhrase.Of(new string('x', 5000)));
}
