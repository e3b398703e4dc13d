using System.Security.Cryptography;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Gateway.Admin;

/// <summary>Registers HTTP APIs: documents become a version, whose name then stands for it. Whatever fails before leaves the old version serving.</summary>
public sealed class ApiRegistrar(MessageBus bus, ServedApis sources, ApiServices services, Deployments deployments, ToolCatalog catalog, TimeProvider time)
{
    private const string ObjectKind = "layer";

    /// <summary>Fetches the document that the settings name and registers it.</summary>
    /// <exception cref="FunctionFaultException">It cannot be had, is no document, or is refused.</exception>
    public async Task<RegisteredApi> FetchAsync(ApiRegistration request, CancellationToken cancellationToken) =>
        await RegisterAsync(request, await GatherAsync(request.Settings, [], cancellationToken), cancellationToken);

    /// <summary>Registers documents that were handed over.</summary>
    /// <exception cref="FunctionFaultException">They are no API's, or are refused.</exception>
    public async Task<RegisteredApi> RegisterAsync(ApiRegistration request, ApiPackage package, CancellationToken cancellationToken)
    {
        try
        {
            await using var tar = await package.WriteAsync(cancellationToken);
            if (await UnchangedAsync(request, package, tar, cancellationToken) is { } unchanged)
            {
                return unchanged;
            }

            // They are stored while they are read: either takes about as long.
            var documents = Task.Run(() => KeepAsync(request.Tenant, LayerKind.Documents, tar, cancellationToken), cancellationToken);
            var model = await ApiReading.ModelAsync(package, cancellationToken);
            var name = request.Name ?? ApiNames.From(model.Title);
            var present = Present(request.Tenant, name);
            var manifest = Manifest(request, name, package);
            var known = present is null ? package.Names : (await sources.PackageAsync(present, cancellationToken)).Names;
            var toolset = ApiReading.Tools(model, manifest.Api!, ServedApi.PrefixOf(manifest), known);
            var source = new ServedApi(await VersionAsync(request.Tenant, manifest, await documents, toolset, cancellationToken), model, toolset, services);
            if (present?.Digest == source.Version.Digest)
            {
                return new RegisteredApi(source, Changed: false, source.Outline());
            }

            sources.Keep(source);
            await deployments.ActivateAsync(source.Version, [.. toolset.Tools.Select(t => t.Name), .. source.Verbs.Select(v => v.Tool.Name)], cancellationToken);
            return new RegisteredApi(source, Changed: true, source.Outline());
        }
        catch (ApiDocumentException error)
        {
            throw Refuse(error);
        }
    }

    /// <summary>What serves already, where it was registered with the same documents and settings: then nothing need be read.</summary>
    private async Task<RegisteredApi?> UnchangedAsync(ApiRegistration request, ApiPackage package, MemoryStream tar, CancellationToken cancellationToken)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(tar.GetBuffer().AsSpan(0, (int)tar.Length)));
        foreach (var present in catalog.Of(request.Tenant).Functions.Values)
        {
            if (present.Layers.Any(l => l.Kind == LayerKind.Documents && l.Digest == digest)
                && present.Manifest.Name == (request.Name ?? present.Manifest.Name)
                && VersionDigest.IsSame(Manifest(request, present.Manifest.Name, package), present.Manifest))
            {
                var source = await sources.GetAsync(present, cancellationToken);
                return new RegisteredApi(source, Changed: false, source.Outline());
            }
        }

        return null;
    }

    /// <summary>Looks whether the document of an API has changed, and lets what it is now serve.</summary>
    /// <exception cref="FunctionFaultException">There is no such API, it was handed over, or it cannot be had now.</exception>
    public async Task<RegisteredApi> RefreshAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        var version = Require(tenant, name);
        if (version.Manifest.Api!.Source is null)
        {
            throw new FunctionFaultException(FaultCode.DeployRefused, $"the document of '{name}' was handed over, so there is nothing to look at", "register it again: toolrt openapi FILE --name NAME");
        }

        var package = await sources.PackageAsync(version, cancellationToken);
        var fetched = await GatherAsync(version.Manifest.Api, package.Overlays, cancellationToken);
        return await RegisterAsync(new ApiRegistration(tenant, name, version.Manifest.Api, version.Manifest.TimeoutSeconds), fetched, cancellationToken);
    }

    /// <summary>What became of each operation of an API, as UTF-8 JSON.</summary>
    /// <exception cref="FunctionFaultException">There is no such API.</exception>
    public async Task<ReadOnlyMemory<byte>> ReportAsync(string tenant, string name, CancellationToken cancellationToken) =>
        (await sources.GetAsync(Require(tenant, name), cancellationToken)).Report();

    private static FunctionFaultException Refuse(ApiDocumentException error) => new(new FunctionFault(FaultCode.DeployRefused, error.Message), error);

    private async Task<ApiPackage> GatherAsync(ApiSettings settings, IReadOnlyList<ReadOnlyMemory<byte>> overlays, CancellationToken cancellationToken)
    {
        try
        {
            return await ApiNetwork.GatherAsync(settings, overlays, time, cancellationToken);
        }
        catch (ApiDocumentException error)
        {
            throw Refuse(error);
        }
    }

    private static FunctionManifest Manifest(ApiRegistration request, string name, ApiPackage package)
    {
        if (!Names.IsFunction(name))
        {
            throw new FunctionFaultException(FaultCode.DeployRefused, $"the name '{name}' is not a letter and up to 62 of A-Z a-z 0-9 _ -", "choose another with --name");
        }

        if (request.TimeoutSeconds is < 1 or > 86_400)
        {
            throw new FunctionFaultException(FaultCode.DeployRefused, $"a timeout of {request.TimeoutSeconds} s is not 1 to 86,400", "give --timeout in seconds");
        }

        return new FunctionManifest { Name = name, Language = FunctionLanguage.Api, TimeoutSeconds = request.TimeoutSeconds, Api = request.Settings with { Root = package.Root.AbsoluteUri } };
    }

    private async Task<FunctionVersion> VersionAsync(string tenant, FunctionManifest manifest, LayerReference documents, ApiToolset toolset, CancellationToken cancellationToken)
    {
        await using var names = new MemoryStream(toolset.Lock.ToJson());
        List<LayerReference> layers = [documents, await KeepAsync(tenant, LayerKind.Names, names, cancellationToken)];
        if (toolset.Tools.Count > manifest.Api!.ListAtMost)
        {
            await using var code = await ApiScripts.LayerAsync(cancellationToken);
            layers.Add(await KeepAsync(tenant, LayerKind.Code, code, cancellationToken));
        }

        return VersionDigest.Name(new FunctionVersion
        {
            Digest = "",
            Tenant = tenant,
            Manifest = manifest,
            Tools = [],
            Layers = layers,
            CreatedAt = time.GetUtcNow(),
        });
    }

    private async Task<LayerReference> KeepAsync(string tenant, LayerKind kind, MemoryStream content, CancellationToken cancellationToken) =>
        new(kind, await bus.Objects.PutAsync(tenant, ObjectKind, content, cancellationToken), content.Length);

    private FunctionVersion? Present(string tenant, string name) =>
        catalog.Of(tenant).Functions.GetValueOrDefault(name) is { Manifest.Language: FunctionLanguage.Api } version ? version : null;

    private FunctionVersion Require(string tenant, string name) =>
        Present(tenant, name) ?? throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no API '{name}'", "list what is registered: toolrt tools");
}
