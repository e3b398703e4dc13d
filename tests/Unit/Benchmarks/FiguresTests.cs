using System.Text;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Tests.Unit.Benchmarks;

/// <summary>The statistics and the page that they are written to.</summary>
public sealed class FiguresTests
{
    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.9, 90)]
    [InlineData(0.99, 99)]
    [InlineData(1, 100)]
    [InlineData(0.001, 1)]
    public void PercentileIsTheNearestRank(double share, double expected) =>
        Assert.Equal(expected, Percentiles.Rank([.. Enumerable.Range(1, 100).Select(i => (double)i)], share));

    [Fact]
    public void OneTimeIsEveryPercentile() => Assert.Equal(new Latencies(7, 7, 7, 7), Percentiles.Of([7]));

    [Fact]
    public void OrderDoesNotMatter() => Assert.Equal(new Latencies(2, 9, 9, 9), Percentiles.Of([9, 1, 2]));

    [Fact]
    public void ARunReplacesWhatItsOwnSuitesWroteAndNothingElse()
    {
        string[] suites = ["fast", "slow"];
        const string Empty = "a\n<!-- benchmarks: begin -->\n<!-- benchmarks: end -->\nb\n";
        var whole = new Report("a machine", DateTimeOffset.UnixEpoch, 1, TextWriter.Null);
        whole.Add("fast", new Figure("calls", "5 /s", "peer", 0.5, "≥ 0.4", Passed: true));
        whole.Add("slow", new Figure("time", "9 s", "", null, "", Passed: null));
        whole.AddTable("slow", "| x |\n|---|\n| 1 |\n");
        var first = whole.WriteTo(Empty, suites, suites);
        Assert.Equal(first, whole.WriteTo(first, suites, suites));

        var part = new Report("another", DateTimeOffset.UnixEpoch.AddHours(1), 2, TextWriter.Null);
        part.Add("fast", new Figure("calls", "8 /s", "peer", 0.8, "≥ 0.4", Passed: true));
        part.Add("slow", new Figure("of a suite that broke", "", "", null, "", Passed: null));
        var second = part.WriteTo(first, ["fast"], suites);

        Assert.Equal(
            """
            a
            <!-- benchmarks: begin -->

            a machine; 1970-01-01 00:00 UTC; seed 1.

            another; 1970-01-01 01:00 UTC; seed 2.

            | suite | figure | value | peer, same run | ratio | bar | | run |
            |---|---|---|---|---|---|---|---|
            | fast | calls | 8 /s | peer | 0.80 | ≥ 0.4 | pass | 1970-01-01 01:00 |
            | slow | time | 9 s |  |  |  |  | 1970-01-01 00:00 |

            slow, 1970-01-01 00:00:

            | x |
            |---|
            | 1 |

            <!-- benchmarks: end -->
            b

            """,
            second);
        Assert.Throws<InvalidDataException>(() => part.WriteTo("a page without markers", suites, suites));
    }

    [Fact]
    public void AMissedBarIsNotPassed()
    {
        var report = new Report("a machine", DateTimeOffset.UnixEpoch, 1, TextWriter.Null);
        report.Add("s", new Figure("reached", "1", "", 1.0, "≥ 1", Passed: true));
        report.Add("s", new Figure("for the reader", "1", "", null, "", Passed: null));
        Assert.True(report.AllPassed);
        report.Add("s", new Figure("missed", "1", "peer", 0.5, "≥ 1", Passed: false));
        Assert.False(report.AllPassed);
        Assert.Contains("| missed | 1 | peer | 0.50 | ≥ 1 | FAIL |", report.WriteTo("<!-- benchmarks: begin --><!-- benchmarks: end -->", ["s"], ["s"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true)]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", false)]
    public void AnAnswerEndsWhereHttpSays(string answer, bool isWhole) =>
        Assert.Equal(isWhole, HttpAnswer.IsWhole(Encoding.ASCII.GetBytes(answer), out _));

    [Fact]
    public void EveryRequestHasItsNumberAndTheSameLength()
    {
        var template = new RequestTemplate(new LoadSpec { Port = 1, Path = "/mcp", Body = """{"n":@N@}""" });
        var first = Encoding.ASCII.GetString(template.Make(0).Bytes.Span);
        var (bytes, number) = template.Make(41);
        var second = Encoding.ASCII.GetString(bytes.Span);
        Assert.Equal(first.Length, second.Length);
        Assert.EndsWith($$"""{"n":{{number}}}""", second, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
    }
}
