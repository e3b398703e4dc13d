using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Debian;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class AptSourceTests
{
    private const string Paragraphs = """
        # the release
        Types: deb deb-src
        URIs: http://one.invalid/debian http://two.invalid/debian
        Suites: trixie trixie-updates
        Components: main
          contrib
        Signed-By: /usr/share/keyrings/a.gpg

        Types: deb
        Enabled: no
        URIs: http://off.invalid/
        Suites: trixie
        Components: main

        Types: deb
        URIs: http://embedded.invalid/
        Suites: trixie-security
        Components: main
        Signed-By:
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
         abc
        """;

    [Fact]
    public void ParagraphsGiveEveryArchiveInEverySuite()
    {
        var sources = AptSourceParser.ParseParagraphs(Paragraphs);

        Assert.Equal(5, sources.Count);
        Assert.Equal("deb [signed-by=/usr/share/keyrings/a.gpg] http://two.invalid/debian trixie-updates main contrib", sources[3].ToLine());
        Assert.Equal("deb http://embedded.invalid/ trixie-security main", sources[4].ToLine());
    }

    [Theory]
    [InlineData("deb http://m.invalid/debian bookworm main", "deb http://m.invalid/debian bookworm main")]
    [InlineData("deb [arch=amd64 signed-by=/k.gpg] http://m.invalid bookworm main contrib # why", "deb [signed-by=/k.gpg] http://m.invalid bookworm main contrib")]
    [InlineData("deb\thttp://m.invalid\tbookworm\tmain", "deb http://m.invalid bookworm main")]
    public void ALineIsReadWithItsOptions(string line, string expected) =>
        Assert.Equal(expected, Assert.Single(AptSourceParser.ParseLines(line)).ToLine());

    [Theory]
    [InlineData("# deb http://m.invalid bookworm main")]
    [InlineData("deb-src http://m.invalid bookworm main")]
    [InlineData("deb [signed-by=/k.gpg http://m.invalid bookworm main")]
    [InlineData("deb http://m.invalid ./")]
    public void WhatCannotBeUsedIsLeftOut(string line) => Assert.Empty(AptSourceParser.ParseLines(line));

    [Fact]
    public void OnlyTheReleaseAndItsUpdatesAreChosenAndBackportsComeFromItsArchive()
    {
        var sources = AptSourceParser.ParseLines("""
            deb http://other.invalid nodistro main
            deb http://m.invalid bookworm main non-free
            deb http://m.invalid bookworm main
            deb http://s.invalid bookworm-security main
            """);

        var chosen = DebianSources.Select("bookworm", sources);

        Assert.Equal(["bookworm", "bookworm-security"], chosen.Sources.Select(source => source.Suite));
        Assert.Equal("deb http://m.invalid bookworm-backports main", chosen.Backports.ToLine());
    }

    [Fact]
    public void AMachineWithoutDebianArchivesIsToldWhatToAdd()
    {
        var error = Assert.Throws<SandboxSetupException>(() => DebianSources.Select("bookworm", []));

        Assert.Contains("bookworm", error.Problem, StringComparison.Ordinal);
        Assert.Contains("sources.list", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyTextIsReadWithoutAFault() => Prop.ForAll<string?>(text =>
    {
        _ = AptSourceParser.ParseLines(text ?? "");
        _ = AptSourceParser.ParseParagraphs(text ?? "");
    }).QuickCheckThrowOnFailure();
}
