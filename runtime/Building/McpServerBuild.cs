using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building.Dependencies;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Sessions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Building;

/// <summary>Makes an MCP server into a version: its package is installed into a layer, its command resolved, and its tools listed by starting it once.</summary>
internal sealed class McpServerBuild(BuildSandbox sandbox, DependencyLayers dependencies, TimeProvider time)
{
    private const string ModulesFolder = "/layers/node_modules";
    private const int MaximumPackageJson = 1 << 20;
    private static readonly TimeSpan s_startDeadline = TimeSpan.FromSeconds(60);

    /// <summary>The whole version but its digest.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused, DependencyFailed, or LoadFailed with what the server said.</exception>
    public async Task<FunctionVersion> BuildAsync(BuildContext context, FunctionVersion draft, CancellationToken cancellationToken)
    {
        var command = McpCommand.Parse(context.Request.McpCommand ?? draft.Manifest.Command);
        if (command.Package is { } package)
        {
            var layer = await dependencies.InstallNodeAsync(context, PackageJson.Single(package), pinned: null, cancellationToken);
            draft = draft with { Layers = [.. draft.Layers.Where(l => l.Kind != LayerKind.NodeModules), layer] };
        }

        await context.StepAsync("starting the server in a sandbox to list its tools");
        using var deadline = new Deadline(time, s_startDeadline, cancellationToken);
        await using var leased = await sandbox.LeaseAsync(draft, deadline.Token);
        draft = draft with { Manifest = draft.Manifest with { Command = await ResolveAsync(leased, command, deadline.Token) } };
        if (draft.Manifest.Port is not null)
        {
            // One that speaks HTTP is listed by the gateway, whose client speaks it.
            return draft with { Tools = [] };
        }

        var listing = await ListAsync(leased, draft, deadline);
        context.Warnings.AddRange(listing.Tools.Count == 0 ? ["the server lists no tools"] : []);
        var prefix = draft.Manifest.Prefix ?? "";
        return draft with
        {
            Tools = listing.Tools.Count == 0 ? [] : ToolRules.Check(string.Join(' ', draft.Manifest.Command), [.. listing.Tools.Select(t => PrefixedNames.Of(prefix, t))]),
            Server = listing.Server,
        };
    }

    private static async Task<IReadOnlyList<string>> ResolveAsync(FunctionSandbox leased, McpCommand command, CancellationToken cancellationToken)
    {
        if (command.PackageName is not { } name)
        {
            return command.Arguments;
        }

        var text = await leased.Lease.Agent.ReadFileAsync($"{ModulesFolder}/{name}/package.json", MaximumPackageJson, cancellationToken);
        var program = PackageProgram.Find(text, name, command.Program);
        return ["node", $"{ModulesFolder}/{name}/{program}", .. command.Arguments];
    }

    private static async Task<AgentProcess> StartAsync(FunctionSandbox leased, FunctionVersion draft, CancellationToken cancellationToken)
    {
        try
        {
            return await McpProcess.StartAsync(leased, draft, draft.Manifest.Environment, cancellationToken);
        }
        catch (AgentException error)
        {
            throw new FunctionFaultException(
                FaultCode.LoadFailed,
                $"the MCP server could not be started: {error.Message}",
                "give a program of the image (node, python3, bash) with a file in /layers/code, or a package: npx -y NAME");
        }
    }

    /// <summary>A folder of this machine that the command names is the likeliest reason: the sandbox has none of them.</summary>
    private static string Hint(FunctionManifest manifest) =>
        manifest.Command.FirstOrDefault(a => a.StartsWith('/') && Path.Exists(a) && !manifest.Volumes.Any(v => a == v.Path || a.StartsWith(v.Path + "/", StringComparison.Ordinal))) is { } path
            ? $"the sandbox has no folder of this machine: if the server needs {path}, give it a volume: --volume NAME:{path}"
            : "run the same command by hand";

    private async Task<McpListing> ListAsync(FunctionSandbox leased, FunctionVersion draft, Deadline deadline)
    {
        var process = await StartAsync(leased, draft, deadline.Token);
        await using var stream = new ProcessStream(process, leased.Lease.Agent, leased.Output, time, () => Task.CompletedTask);
        try
        {
            return await new McpLister(stream).ListAsync(deadline.Token);
        }
        catch (Exception error) when (error is EndOfStreamException or JsonException or InvalidDataException)
        {
            var exit = process.Exit is { } ended ? $"it exited with code {ended.ExitCode}" : error.Message;
            throw new FunctionFaultException(FaultCode.LoadFailed, $"the MCP server did not list its tools: {exit}", Hint(draft.Manifest), stream.ErrorTail);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new FunctionFaultException(
                FaultCode.LoadFailed, $"the MCP server did not answer within {s_startDeadline.TotalSeconds:0} s", "it must speak MCP on its stdin and stdout", stream.ErrorTail);
        }
    }
}
