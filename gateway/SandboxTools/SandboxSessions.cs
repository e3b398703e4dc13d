using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>The sandboxes that tools work in: the one whose handle a call gives, woken where it sleeps, or a fresh one for the call alone.</summary>
public sealed class SandboxSessions(SandboxClient client, E2bOptions options)
{
    private const int UsualIdleSeconds = 300;
    private const int LongestActiveSeconds = 8 * 3600;

    /// <summary>The client.</summary>
    internal SandboxClient Client => client;

    /// <summary>Makes a sandbox that lasts: suspended when it is left alone, awake with the next call.</summary>
    internal Task<SandboxRecord> CreateAsync(SandboxArguments arguments, CancellationToken cancellationToken) => client.CreateAsync(
        new SandboxCreate
        {
            Tenant = arguments.Tenant,
            Id = Ids.New(),
            Template = arguments.Text("template") ?? "code-interpreter",
            Source = Image(arguments.Text("template") ?? "code-interpreter"),
            TimeoutSeconds = LongestActiveSeconds,
            Environment = arguments.Texts("env"),
            Metadata = arguments.Texts("metadata"),
            Settings = new SandboxSettings
            {
                PausesAtEnd = true,
                ResumesByItself = true,
                IdleSeconds = (int)(arguments.Number("idleSeconds") ?? UsualIdleSeconds),
                MemoryMiB = (int)(arguments.Number("memoryMiB") ?? new SandboxSettings().MemoryMiB),
                Packages = arguments.Flag("packages"),
                Volumes = Volumes(arguments.List("volumes")),
            },
            Egress = new EgressRules { Allow = arguments.List("allowHosts") },
        },
        cancellationToken);

    /// <summary>The sandbox of a handle, as it stands.</summary>
    internal SandboxRecord Find(SandboxArguments arguments) => client.Directory.Get(arguments.Tenant, arguments.Text("session") ?? "");

    /// <summary>The sandbox of a handle, awake.</summary>
    internal Task<SandboxRecord> AwakeAsync(SandboxArguments arguments, CancellationToken cancellationToken) => client.AwakeAsync(Find(arguments), cancellationToken);

    /// <summary>Works in the sandbox of the handle, or where none is given in a fresh one that is gone afterwards.</summary>
    internal async ValueTask<T> UseAsync<T>(SandboxArguments arguments, string template, Func<SandboxRecord, Task<T>> work, CancellationToken cancellationToken)
    {
        if (arguments.Text("session") is not null)
        {
            return await InAsync(await AwakeAsync(arguments, cancellationToken), work, cancellationToken);
        }

        var create = new SandboxCreate { Tenant = arguments.Tenant, Id = Ids.New(), Template = arguments.Text("template") ?? template, Source = Image(arguments.Text("template") ?? template), TimeoutSeconds = LongestActiveSeconds };
        var sandbox = await client.CreateAsync(create, cancellationToken);
        try
        {
            return await InAsync(sandbox, work, cancellationToken);
        }
        finally
        {
            await client.LeaveAsync(sandbox);
        }
    }

    private async Task<T> InAsync<T>(SandboxRecord sandbox, Func<SandboxRecord, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(sandbox);
        }
        catch (IOException broke)
        {
            throw new FunctionFaultException(await client.WhyLostAsync(sandbox, cancellationToken), broke);
        }
    }

    private static IReadOnlyList<VolumeMount> Volumes(IReadOnlyList<string> asked) =>
        [.. asked.Select(text => VolumeMount.Parse(text) ?? throw new FunctionFaultException(FaultCode.InvalidArguments, $"volumes: '{text}' is not NAME:/path or NAME:/path:ro"))];

    private string Image(string template) => options.Templates.GetValueOrDefault(template, template);
}
