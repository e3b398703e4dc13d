namespace ToolRuntime.Sandbox.Debian;

/// <summary>The machine's own Debian archives: where images and a newer runsc come from, so that mirrors and keys are the owner's choice.</summary>
/// <param name="Codename">Debian's release, such as <c>bookworm</c>.</param>
/// <param name="Sources">The archives of that release, its updates and security.</param>
public sealed record DebianSources(string Codename, IReadOnlyList<AptSource> Sources)
{
    /// <summary>The backports suite of the release, from the archive that holds the release itself.</summary>
    public AptSource Backports
    {
        get
        {
            var main = Sources.First(source => string.Equals(source.Suite, Codename, StringComparison.Ordinal));
            return main with { Suite = Codename + "-backports", Components = ["main"] };
        }
    }

    /// <summary>The text of a <c>sources.list</c> for sandboxes: archives reached by HTTP, without the machine's credentials and paths of keys; an image has the release's keys.</summary>
    public static string ListOf(IEnumerable<AptSource> sources) => string.Concat(
        from source in sources
        where Uri.TryCreate(source.Uri, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        let plain = new UriBuilder(source.Uri) { UserName = "", Password = "" }.Uri.AbsoluteUri
        select (source with { Uri = plain, SignedBy = null }).ToLine() + "\n");

    /// <summary>Reads <c>/etc/os-release</c> and <c>/etc/apt</c>.</summary>
    /// <exception cref="SandboxSetupException">The machine is no Debian, or names no archive of its release.</exception>
    public static DebianSources Read()
    {
        var codename = OsRelease(File.ReadAllText("/etc/os-release"), "VERSION_CODENAME");
        var found = new List<AptSource>();
        if (File.Exists("/etc/apt/sources.list"))
        {
            found.AddRange(AptSourceParser.ParseLines(File.ReadAllText("/etc/apt/sources.list")));
        }

        if (Directory.Exists("/etc/apt/sources.list.d"))
        {
            foreach (var file in Directory.EnumerateFiles("/etc/apt/sources.list.d").Order(StringComparer.Ordinal))
            {
                found.AddRange(Path.GetExtension(file) switch
                {
                    ".list" => AptSourceParser.ParseLines(File.ReadAllText(file)),
                    ".sources" => AptSourceParser.ParseParagraphs(File.ReadAllText(file)),
                    _ => [],
                });
            }
        }

        return Select(codename, found);
    }

    /// <summary>Of all <paramref name="sources"/> those of the release, its updates and its security archive.</summary>
    /// <exception cref="SandboxSetupException">None holds the release itself.</exception>
    public static DebianSources Select(string codename, IReadOnlyList<AptSource> sources)
    {
        string[] suites = [codename, codename + "-updates", codename + "-security"];
        var chosen = sources
            .Where(source => suites.Contains(source.Suite) && source.Components.Contains("main"))
            .DistinctBy(source => (source.Uri, source.Suite))
            .ToList();
        if (codename.Length == 0 || !chosen.Exists(source => source.Suite == codename))
        {
            throw new SandboxSetupException(
                $"the package sources in /etc/apt name no archive of Debian '{codename}'",
                "add a line 'deb <mirror> <release> main' to /etc/apt/sources.list");
        }

        return new DebianSources(codename, chosen);
    }

    /// <summary>The value of <paramref name="key"/> in os-release(5) text, or an empty string.</summary>
    public static string OsRelease(string text, string key)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(key + "=", StringComparison.Ordinal))
            {
                return line[(key.Length + 1)..].Trim().Trim('"', '\'');
            }
        }

        return "";
    }
}
