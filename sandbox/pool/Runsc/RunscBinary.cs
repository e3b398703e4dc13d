using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>A gVisor build on this machine.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Release">Its release as a number yyyymmdd, 0 when it does not say.</param>
public sealed partial record RunscBinary(string Path, int Release)
{
    /// <summary>The first release on which everything here was tried (reference: measured 2026-11).</summary>
    public const int WantedRelease = 20240729;

    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> s_digests = new(StringComparer.Ordinal);

    private const int Overlay2Release = 20230501;
    private const int SystrapRelease = 20230601;

    /// <summary>Whether nothing has to be done without.</summary>
    public bool IsNewEnough => Release >= WantedRelease;

    /// <summary>Whether a root file system may be an EROFS file.</summary>
    public bool HasErofs => IsNewEnough;

    /// <summary>Whether it knows <c>--overlay2</c>; older ones have <c>--overlay</c>.</summary>
    public bool HasOverlay2 => Release >= Overlay2Release;

    /// <summary>What it cannot do, for the doctor; empty when it is new enough.</summary>
    public IReadOnlyList<string> Shortcomings
    {
        get
        {
            var missing = new List<string>();
            if (Release < SystrapRelease)
            {
                missing.Add("the systrap platform");
            }

            if (Release < WantedRelease)
            {
                missing.Add("checkpoints of a program that has opened a TCP socket");
                missing.Add("reliable folder listings of layers mounted after the start");
            }

            return missing;
        }
    }

    /// <summary>Asks the program at <paramref name="path"/> for its release.</summary>
    /// <exception cref="SandboxSetupException">It does not run.</exception>
    public static async ValueTask<RunscBinary> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        var output = await new ToolCommand(path, ["--version"]) { Hint = "give the path of a working runsc" }.RunAsync(null, cancellationToken);
        return new RunscBinary(path, ParseRelease(output));
    }

    /// <summary>The release in the output of <c>runsc --version</c>: <c>0.0~20240729.0</c> from Debian, <c>release-20240729.0</c> upstream; 0 when there is none.</summary>
    public static int ParseRelease(string output)
    {
        var match = ReleasePattern().Match(output);
        return match.Success ? int.Parse(match.Groups["date"].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Lower-case hex SHA-256 of the program; computed once in a process.</summary>
    public async ValueTask<string> DigestAsync(CancellationToken cancellationToken) =>
        await s_digests.GetOrAdd(Path, static path => new Lazy<Task<string>>(() => DigestOfAsync(path))).Value.WaitAsync(cancellationToken);

    private static async Task<string> DigestOfAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
    }

    [GeneratedRegex(@"runsc version \S*?(?<date>20\d{6})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ReleasePattern();
}
