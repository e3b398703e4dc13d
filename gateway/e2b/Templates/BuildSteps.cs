using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary>The steps of one build in its sandbox, in order. As with E2B, they are the user's and begin in its home, until <c>USER</c> and <c>WORKDIR</c> say otherwise.</summary>
internal sealed class BuildSteps(BuildShell shell, TemplateFiles files, string tenant)
{
    private const string Root = "root";

    // Unpacks $1 into $2, sets the mode $4 of its files, and prints what the pattern $3 means in it: a folder's content is copied, not the folder.
    private const string Unpack = """
        set -e
        tar -xf "$1" -C "$2" --no-same-owner
        cd "$2"
        [ -z "$4" ] || find . -type f -exec chmod "$4" {} +
        case "$3" in *'**'*) echo folder; exit ;; esac
        IFS=
        set -- $3
        [ -e "$1" ] || [ -L "$1" ] || { echo "nothing matches" >&2; exit 1; }
        if [ $# -gt 1 ] || { [ -d "$1" ] && [ ! -L "$1" ]; }; then echo folder; else echo file; fi
        """;

    // Copies what the pattern $2 means in $1 to $3, which is a folder where it is one or was made as one.
    private const string Place = """
        set -e
        umask 022
        target=$3
        cd "$1"
        case "$2" in
          *'**'*) set -- . ;;
          *) IFS=; set -- $2; unset IFS ;;
        esac
        for one; do
          if [ -d "$one" ] && [ ! -L "$one" ]; then cp -a --no-preserve=ownership "$one/." "$target/"; else cp -a --no-preserve=ownership "$one" "$target"; fi
        done
        """;

    /// <summary>User and folder of the next step.</summary>
    public (string User, string? Folder) At { get; private set; } = (SandboxUsers.Default, null);

    /// <summary>User and folder after all steps: those of the template's sandboxes.</summary>
    public static (string? User, string? Folder) PlaceAfter(IEnumerable<BuildStep> steps, string? user, string? folder)
    {
        foreach (var step in steps)
        {
            (user, folder) = step.Type.ToUpperInvariant() switch
            {
                "USER" => (step.Argument(0), folder),
                "WORKDIR" => (user, step.Argument(0) is { } path ? Resolve(folder ?? HomeOf(user), path) : folder),
                _ => (user, folder),
            };
        }

        return (user, folder);
    }

    /// <summary>Begins where the template that it is made from ends.</summary>
    public void Begin(string? user, string? folder) => At = (user ?? SandboxUsers.Default, folder);

    /// <summary>Does one step.</summary>
    /// <exception cref="TemplateFailedException">It failed; says how.</exception>
    public async Task RunAsync(BuildStep step, CancellationToken cancellationToken)
    {
        switch (step.Type.ToUpperInvariant())
        {
            case "RUN":
                await ShellAsync(step.Argument(1) ?? At.User, step.Required(0), cancellationToken);
                return;
            case "COPY":
                await CopyAsync(step, cancellationToken);
                return;
            case "ENV":
                for (var at = 0; at + 1 < (step.Args?.Count ?? 0); at += 2)
                {
                    shell.Environment[step.Required(at)] = step.Argument(at + 1) ?? "";
                }

                return;
            case "USER":
                await shell.UserAsync(step.Required(0), cancellationToken);
                At = At with { User = step.Required(0) };
                return;
            case "WORKDIR":
                At = (At.User, PlaceAfter([step], At.User, At.Folder).Folder);
                await shell.MakeFolderAsync(At.Folder!, At.User, cancellationToken);
                return;
            default:
                throw new TemplateFailedException($"step {step.Type} is not known: RUN, COPY, ENV, WORKDIR or USER");
        }
    }

    private async Task PackAsync(BuildStep step, string hash, Stream archive, CancellationToken cancellationToken)
    {
        if (!await files.TryCopyAsync(tenant, hash, archive, cancellationToken))
        {
            throw new TemplateFailedException($"the files of COPY {step.Required(0)} are no longer kept; build again");
        }
    }

    private async Task CopyAsync(BuildStep step, CancellationToken cancellationToken)
    {
        var hash = step.FilesHash ?? "";
        if (hash.Length == 0 || !await files.HasAsync(tenant, hash, cancellationToken))
        {
            throw new TemplateFailedException($"the files of COPY {step.Required(0)} were not uploaded");
        }

        var (owner, pattern, target) = (step.Argument(2) ?? At.User, step.Required(0), Resolve(At.Folder ?? HomeOf(At.User), step.Required(1)));
        var (packed, work) = ($"/tmp/.toolrt-{Ids.New()}", $"/tmp/.toolrt-{Ids.New()}");
        try
        {
            await shell.PutAsync(packed, archive => PackAsync(step, hash, archive, cancellationToken), cancellationToken);
            await shell.MakeFolderAsync(work, owner, cancellationToken);
            var kind = "";
            await CheckAsync(owner, "/", ["/bin/sh", "-c", Unpack, "copy", packed, work, pattern, step.Argument(3) ?? ""], cancellationToken, text => kind = text);
            var folder = kind == "folder" || target.EndsWith('/') ? target : target[..target.LastIndexOf('/')];
            if (folder.Trim('/').Length > 0)
            {
                // The agent's doing: a user may not make folders everywhere, and what is made is the owner's.
                await shell.MakeFolderAsync(folder, owner, cancellationToken);
            }

            await PlaceAsync(owner, [work, pattern, target], cancellationToken);
        }
        finally
        {
            await shell.RemoveAsync(work, CancellationToken.None);
            await shell.RemoveAsync(packed, CancellationToken.None);
        }
    }

    private async Task PlaceAsync(string owner, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> command = ["/bin/sh", "-c", Place, "copy", .. arguments];
        if (owner != Root && await shell.RunAsync(owner, "/", command, cancellationToken) is { ExitCode: 0, Signal: 0 })
        {
            return;
        }

        // A folder that is another's: what is copied there is root's, since root inside may not give files away.
        await CheckAsync(Root, "/", command, cancellationToken);
    }

    private Task ShellAsync(string user, string command, CancellationToken cancellationToken) => CheckAsync(user, At.Folder, ["/bin/bash", "-l", "-c", command], cancellationToken);

    private async Task CheckAsync(string user, string? folder, IReadOnlyList<string> command, CancellationToken cancellationToken, Action<string>? output = null)
    {
        var exit = await shell.RunAsync(user, folder, command, cancellationToken, output);
        if (exit.ExitCode != 0 || exit.Signal != 0)
        {
            throw new TemplateFailedException(exit.Signal != 0 ? $"it was ended by signal {exit.Signal}" : $"exit status {exit.ExitCode}");
        }
    }

    private static string HomeOf(string? user) => user == Root ? "/root" : $"/home/{user ?? SandboxUsers.Default}";

    // A slash at the end says that a folder is meant, and stays.
    private static string Resolve(string folder, string path) => path switch
    {
        _ when path.StartsWith('/') => path,
        "." => folder,
        _ when path.StartsWith("./", StringComparison.Ordinal) => $"{folder}/{path[2..]}",
        _ => $"{folder}/{path}",
    };
}
