using System.Text.Json;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building.Apps;
using ToolRuntime.Runtime.Calls;

namespace ToolRuntime.Runtime.Building;

/// <summary>
/// The system function <c>_build</c>: an uploaded package becomes an immutable version. Nothing of the user's runs on the host; nothing
/// is active until the caller swaps the name, so a failed build leaves the old version serving.
/// </summary>
internal sealed partial class PackageBuilder : IDisposable
{
    private const string PackageKind = "package";
    private readonly MessageBus _bus;
    private readonly BuildSandbox _sandbox;
    private readonly BuildOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<PackageBuilder> _logger;
    private readonly SemaphoreSlim _slots;
    private readonly LayerWriter _layers;
    private readonly DependencyLayers _dependencies;
    private readonly McpServerBuild _servers;

    /// <summary>A builder that stores what it makes on <paramref name="bus"/>.</summary>
    public PackageBuilder(MessageBus bus, BuildSandbox sandbox, BuildOptions options, TimeProvider time, ILogger<PackageBuilder> logger)
    {
        (_bus, _sandbox, _options, _time, _logger) = (bus, sandbox, options, time, logger);
        _slots = new SemaphoreSlim(options.Concurrency, options.Concurrency);
        _layers = new LayerWriter(bus.Objects, new UnpackBounds(options.MaximumBytes, options.MaximumFiles));
        _dependencies = new DependencyLayers(bus.Objects, sandbox, options, time);
        _servers = new McpServerBuild(sandbox, _dependencies, time);
    }

    /// <summary>Builds; the terminal event's value is a <see cref="BuildResult"/>.</summary>
    public async Task<InvocationEvent> RunAsync(Invocation invocation, CallEvents events, CancellationToken cancellationToken)
    {
        try
        {
            var request = JsonSerializer.Deserialize(invocation.Arguments.Span, FunctionsJson.Default.BuildRequest)
                ?? throw BuildFailure.Refused("the build request is null");
            await _slots.WaitAsync(cancellationToken);
            try
            {
                return Completed(await BuildAsync(invocation, request, events, cancellationToken));
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (FunctionFaultException error)
        {
            return CallSettlement.Failed(error.Fault);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CallSettlement.Failed(invocation.Deadline <= _time.GetUtcNow()
                ? CallDecisions.DeadlineFault(invocation)
                : new FunctionFault(FaultCode.Cancelled, "the build was cancelled"));
        }
        catch (JsonException error)
        {
            return CallSettlement.Failed(new FunctionFault(FaultCode.InvalidArguments, $"the build request cannot be read: {error.Message}"));
        }
        catch (Exception error)
        {
            // The rim of a build: what it could not foresee is told to the one who deploys.
            BuildBroke(invocation.Id, error);
            return CallSettlement.Failed(DiskFault.Of(error) ?? new FunctionFault(FaultCode.Internal, $"the build broke: {error.Message}"));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private static InvocationEvent Completed(BuildResult result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("value"u8);
            JsonSerializer.Serialize(json, result, FunctionsJson.Default.BuildResult);
            json.WriteEndObject();
        }

        return new InvocationEvent(EventKind.Completed, buffer.ToArray());
    }

    private async Task<BuildResult> BuildAsync(Invocation invocation, BuildRequest request, CallEvents events, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_options.WorkFolder, invocation.Id);
        var context = new BuildContext(invocation.Caller.Tenant, request, folder, events);
        try
        {
            Directory.CreateDirectory(context.Code);
            DiskFault.RequireRoom(folder);
            await FetchAsync(context, cancellationToken);
            var version = VersionDigest.Name(await VersionAsync(context, cancellationToken));
            await _bus.Catalog.PutVersionAsync(version, cancellationToken);
            return new BuildResult(version, context.Warnings);
        }
        finally
        {
            context.Temporary.Where(Directory.Exists).Append(folder).ToList().ForEach(f => Directory.Delete(f, recursive: true));
        }
    }

    private async Task FetchAsync(BuildContext context, CancellationToken cancellationToken)
    {
        if (context.Request.PackageDigest.Length == 0)
        {
            return;
        }

        await using var tar = new FileStream(Path.Combine(context.Folder, "package.tar"), FileMode.Create, FileAccess.ReadWrite);
        if (!await _bus.Objects.TryGetAsync(context.Tenant, PackageKind, context.Request.PackageDigest, tar, cancellationToken))
        {
            throw BuildFailure.Refused($"no package {context.Request.PackageDigest} was uploaded", "upload it first");
        }

        tar.Position = 0;
        await new PackageArchive(context.Code, new UnpackBounds(_options.MaximumBytes, _options.MaximumFiles)).UnpackTarAsync(tar, cancellationToken);
    }

    private async Task<FunctionVersion> VersionAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var manifest = ManifestReader.Read(context.Code, context.Request, out var app);
        if (app is not null)
        {
            await AppAdapter.WriteAsync(app, context.Code, cancellationToken);
        }

        var draft = new FunctionVersion
        {
            Digest = "",
            Tenant = context.Tenant,
            Manifest = manifest,
            Tools = app?.Tools ?? [],
            Layers = [],
            CreatedAt = _time.GetUtcNow(),
        };
        return draft.Manifest.Language == FunctionLanguage.Mcp
            ? await _servers.BuildAsync(context, await PackAsync(context, draft, cancellationToken), cancellationToken)
            : await InspectAsync(context, await PackAsync(context, draft, cancellationToken), cancellationToken);
    }

    private async Task<FunctionVersion> PackAsync(BuildContext context, FunctionVersion draft, CancellationToken cancellationToken)
    {
        if (context.Request.PackageDigest.Length == 0)
        {
            return draft;
        }

        await context.StepAsync("packing the code");
        var code = await _layers.StoreAsync(context.Tenant, LayerKind.Code, context.Code, context.Scratch(LayerKind.Code), cancellationToken);
        return draft with { Layers = [code, .. await _dependencies.InstallAsync(context, draft, cancellationToken)] };
    }

    private async Task<FunctionVersion> InspectAsync(BuildContext context, FunctionVersion draft, CancellationToken cancellationToken)
    {
        await context.StepAsync(draft.Tools.Count > 0 ? "loading the functions in a sandbox" : "reading the signatures in a sandbox");
        var compiled = CompiledScript.Of(draft.Manifest.Language, context.Assemblies);
        var loaded = await _sandbox.InspectAsync(draft, compiled, cancellationToken);
        context.Warnings.AddRange(loaded.Warnings ?? []);
        draft = draft with { Tools = ToolRules.Check(draft.Manifest.Entry, draft.Tools.Count > 0 ? draft.Tools : loaded.Tools) };
        if (compiled is null)
        {
            return draft;
        }

        // The packages' assemblies lie in the same folder: one layer for both, in the place of the packages' own.
        var layer = await _layers.StoreAsync(context.Tenant, LayerKind.Assemblies, context.Assemblies, context.Scratch(LayerKind.Assemblies), cancellationToken);
        return draft with { Layers = [.. draft.Layers.Where(l => l.Kind != LayerKind.Assemblies), layer] };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "build {Invocation} broke")]
    private partial void BuildBroke(string invocation, Exception error);
}
