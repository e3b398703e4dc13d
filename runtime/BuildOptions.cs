namespace ToolRuntime.Runtime;

/// <summary>Section <c>toolruntime.runtime</c> of host.json: how a package becomes a version.</summary>
public sealed record BuildOptions
{
    /// <summary>Folder for unpacking and downloading; emptied per build. The system's temporary folder by default.</summary>
    public string WorkFolder { get; init; } = Path.Combine(Path.GetTempPath(), "toolrt-build");

    /// <summary>User and group id that package managers run under; no account needs to exist for it.</summary>
    public int UserId { get; init; } = 64_500;

    /// <summary>Builds at once, 1 to 64; more wait.</summary>
    public int Concurrency { get; init; } = 2;

    /// <summary>Most bytes of a package and of each layer, unpacked.</summary>
    public long MaximumBytes { get; init; } = 2L << 30;

    /// <summary>Most files of a package and of each layer.</summary>
    public int MaximumFiles { get; init; } = 200_000;

    /// <summary>How long a package manager may run.</summary>
    public TimeSpan InstallTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Address or folder of the Python package index; null takes the machine's own pip configuration.</summary>
    public string? PythonIndex { get; init; }

    /// <summary>Address of the npm registry; null takes the machine's own npm configuration.</summary>
    public string? NpmRegistry { get; init; }

    /// <summary>A NuGet.Config whose sources are used; null takes the machine's own.</summary>
    public string? NuGetConfig { get; init; }
}
