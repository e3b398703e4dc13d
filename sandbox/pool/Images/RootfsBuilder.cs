using ToolRuntime.Sandbox.Debian;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Images;

/// <summary>Makes one root file system: Debian packages by mmdebstrap and npm packages beside it, then users and the folders that sandboxes mount on.</summary>
internal sealed class RootfsBuilder
{
    /// <summary>Changes whenever the same recipe would give another root file system.</summary>
    public const int Version = 6;

    private const uint UserId = 1000;
    private const string Hint = "check that the Debian archive can be reached (apt-get update) and that the recipe's package names are right";

    // Root inside has no capability, so that apt can become no other user.
    private const string Apt = "APT::Sandbox::User \"root\";\n";

    private static readonly string[] _unwanted = ["man", "doc", "info", "locale", "lintian", "linda", "groff", "bug"];
    private static readonly string[] _mountPoints =
        ["layers", "toolrt", "home/user", "tmp", "run", "proc", "sys", "dev", "usr/share/dotnet"];

    private readonly ImageRecipe _recipe;
    private readonly DebianSources _sources;
    private readonly string _work;
    private readonly IProgress<string> _progress;
    private readonly string _root;

    /// <summary>Will build in <paramref name="work"/>, whose <c>rootfs</c> is the result.</summary>
    public RootfsBuilder(ImageRecipe recipe, DebianSources sources, string work, IProgress<string> progress)
    {
        _recipe = recipe;
        _sources = sources;
        _work = work;
        _progress = progress;
        _root = Path.Combine(work, "rootfs");
    }

    /// <summary>A kernel that is built into it, or null.</summary>
    public KernelBuild? Kernel { get; init; }

    /// <summary>Programs that are copied into it, or null.</summary>
    public ImagePrograms? Programs { get; init; }

    /// <summary>Builds it.</summary>
    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var npm = new NpmInstall(_recipe.Npm, Path.Combine(_work, "npm"));
        var download = npm.DownloadAsync(both.Token);
        try
        {
            await BootstrapAsync(cancellationToken);
            Report(90, "installing npm packages");
            await download;
        }
        catch
        {
            await both.CancelAsync();
            await download.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }

        npm.MoveInto(_root);
        Finish();
        Report(100, "done");
    }

    /// <summary>How far a build is when mmdebstrap prints <paramref name="line"/>, percent, or null when the line says nothing of it.</summary>
    public static int? PercentOf(string line) => line switch
    {
        _ when line.StartsWith("I: running apt-get update", StringComparison.Ordinal) => 2,
        _ when line.StartsWith("I: downloading packages", StringComparison.Ordinal) => 15,
        _ when line.StartsWith("I: extracting archives", StringComparison.Ordinal) => 35,
        _ when line.StartsWith("I: installing essential", StringComparison.Ordinal) => 45,
        _ when line.StartsWith("I: installing remaining", StringComparison.Ordinal) => 60,
        _ when line.StartsWith("I: cleaning package lists", StringComparison.Ordinal) => 85,
        _ => null,
    };

    private async Task BootstrapAsync(CancellationToken cancellationToken)
    {
        // What starts it below would say its absence less clearly.
        await new ToolCommand("mmdebstrap", ["--version"]).RunAsync(null, cancellationToken);
        Report(0, "downloading Debian packages");
        // In a mount namespace of its own: what it mounts into the new root ends with it, even when it is killed.
        List<string> arguments = ["--mount", "--propagation=private", "mmdebstrap", "--variant=essential", "--mode=root", "--format=directory", "--include=" + string.Join(',', _recipe.Packages)];
        arguments.AddRange(["--aptopt=APT::Install-Recommends \"false\"", "--aptopt=Acquire::Languages \"none\""]);

        // A half-made image is thrown away, so nothing is lost by not syncing each file to disk.
        arguments.Add("--dpkgopt=force-unsafe-io");
        arguments.AddRange(_unwanted.Select(folder => $"--dpkgopt=path-exclude=/usr/share/{folder}/*"));

        // Alternatives put links to pages of manuals there, though the pages themselves are left out; else Java's cannot be installed.
        arguments.Add("--setup-hook=mkdir -p \"$1/usr/share/man/man1\"");
        arguments.AddRange(Kernel?.Hooks ?? []);
        arguments.AddRange([_sources.Codename, _root, .. _sources.Sources.Select(source => (source with { Components = ["main"] }).ToLine())]);
        var command = new ToolCommand("unshare", arguments) { Hint = Hint };
        await command.RunAsync(ReportLine, cancellationToken);
    }

    private void ReportLine(string line)
    {
        if (PercentOf(line) is { } percent)
        {
            Report(percent, line[3..]);
        }
    }

    private void Report(int percent, string step) => _progress.Report($"image {_recipe.Name}: {percent} % {step}");

    private void Finish()
    {
        foreach (var point in _mountPoints)
        {
            Directory.CreateDirectory(Path.Combine(_root, point));
        }

        GiveHome(Path.Combine(_root, "home", "user"));
        AddLine("passwd", "user:x:1000:1000::/home/user:/bin/bash");
        AddLine("group", "user:x:1000:");

        // mmdebstrap copies these from the machine, which is no business of a sandbox.
        WriteFile("hostname", "sandbox\n");
        WriteFile("hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n");
        WriteFile("resolv.conf", "");
        WriteFile("apt/sources.list", DebianSources.ListOf(_sources.Sources));
        WriteFile("apt/apt.conf.d/90sandbox", Apt);
        Programs?.CopyInto(_root);
        foreach (var folder in new[] { "var/lib/apt/lists", "var/cache/apt", "var/log" })
        {
            var path = Path.Combine(_root, folder);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
                Directory.CreateDirectory(path);
            }
        }
    }

    // With what a shell of the user's starts from, where the home folder is not a tmpfs.
    private void GiveHome(string home)
    {
        _ = Libc.ChangeOwner(home, UserId, UserId);
        var skeleton = Path.Combine(_root, "etc", "skel");
        foreach (var file in Directory.Exists(skeleton) ? Directory.EnumerateFiles(skeleton) : [])
        {
            var copy = Path.Combine(home, Path.GetFileName(file));
            File.Copy(file, copy, overwrite: true);
            _ = Libc.ChangeOwner(copy, UserId, UserId);
        }
    }

    private void AddLine(string file, string line) => File.AppendAllText(Path.Combine(_root, "etc", file), line + "\n");

    private void WriteFile(string file, string text)
    {
        var path = Path.Combine(_root, "etc", file);
        File.Delete(path);
        File.WriteAllText(path, text);
    }
}
