namespace ToolRuntime.E2b.Client;

/// <summary>A user of a sandbox.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Group id.</param>
/// <param name="Home">Its home.</param>
public sealed record SandboxUser(string Name, int Uid, int Gid, string Home)
{
    /// <summary>The absolute path that <paramref name="path"/> means for this user: <c>~</c> and what is not absolute are below its home.</summary>
    public string Resolve(string path)
    {
        var expanded = path switch
        {
            "" or "~" => Home,
            _ when path.StartsWith("~/", StringComparison.Ordinal) => $"{Home}/{path[2..]}",
            _ when path[0] != '/' => $"{Home}/{path}",
            _ => path,
        };
        return Normalise(expanded);
    }

    private static string Normalise(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }
}
