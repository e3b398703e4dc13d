using System.CommandLine;

using ToolRuntime.Cli.Output;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Admin;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Cli.Apis;

/// <summary>The API that a standalone server serves, read again when its document changes.</summary>
internal sealed class LiveApi(ParseResult arguments, string source)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private readonly Uri? _url = SourceDocuments.Url(source);
    private ApiPackage? _package;
    private ServedApi? _present;

    /// <summary>What serves, in a line.</summary>
    public string Summary => _present is { } api
        ? $"{api.Version.Manifest.Name}: {api.Tools.Count} operations are tools{(api.IsLarge ? $", offered as {string.Join(", ", api.Verbs.Select(v => v.Tool.Name))}" : "")}"
        : "";

    /// <summary>Reads the documents.</summary>
    public async Task<ApiPackage> ReadAsync(CancellationToken cancellationToken)
    {
        if (_url is null)
        {
            return await SourceDocuments.FromFileAsync(source, arguments, cancellationToken);
        }

        try
        {
            return await ApiNetwork.GatherAsync(ApiArguments.Settings(arguments, _url, isFetched: true), await SourceDocuments.OverlaysAsync(arguments, cancellationToken), TimeProvider.System, cancellationToken);
        }
        catch (ApiDocumentException error)
        {
            throw new CommandFailedException(ExitCodes.Refused, error.Message);
        }
    }

    /// <summary>Lets documents serve; names that were given out stay.</summary>
    public async Task ServeAsync(ToolCatalog catalog, ApiPackage package, ApiServices services, CancellationToken cancellationToken)
    {
        var model = await ApiReading.ModelAsync(package, cancellationToken);
        var name = arguments.GetValue(ApiArguments.Name) ?? ApiNames.From(model.Title);
        var manifest = new FunctionManifest
        {
            Name = name,
            Language = FunctionLanguage.Api,
            TimeoutSeconds = arguments.GetValue(ApiArguments.Timeout) ?? ApiRegistration.DefaultTimeoutSeconds,
            Api = ApiArguments.Settings(arguments, package.Root, isFetched: _url is not null),
        };
        var toolset = ApiReading.Tools(model, manifest.Api, ServedApi.PrefixOf(manifest), _package?.Names);
        var version = VersionDigest.Name(new FunctionVersion { Digest = "", Tenant = Caller.LocalTenant, Manifest = manifest, Tools = [], Layers = [], CreatedAt = TimeProvider.System.GetUtcNow() });
        _package = package.With(toolset.Lock.ToJson());
        _present = new ServedApi(version, model, toolset, services);
        catalog.Serve(_present);
    }

    /// <summary>Reads the documents again until the token ends; what cannot be read leaves what serves.</summary>
    public async Task FollowAsync(ToolCatalog catalog, ApiServices services, CancellationToken cancellationToken)
    {
        var seconds = arguments.GetValue(ApiArguments.Refresh) ?? new ApiSettings { Root = "" }.RefreshSeconds;
        var every = _url is null ? s_look : TimeSpan.FromSeconds(seconds);
        if (every <= TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(every, TimeProvider.System);
        try
        {
            var stamp = Stamp();
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var present = Stamp();
                if (_url is not null || present != stamp)
                {
                    stamp = present;
                    await LookAsync(catalog, services, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    /// <summary>When the file, and what lies beside it, was written last: parts of a document lie there too.</summary>
    private DateTime Stamp() => _url is not null
        ? default
        : new DirectoryInfo(Path.GetDirectoryName(Path.GetFullPath(source))!).EnumerateFiles().Append(new FileInfo(source)).Max(f => f.LastWriteTimeUtc);

    private async Task LookAsync(ToolCatalog catalog, ApiServices services, CancellationToken cancellationToken)
    {
        try
        {
            var read = await ReadAsync(cancellationToken);
            if (_package?.HasSameDocuments(read) != true)
            {
                await ServeAsync(catalog, read, services, cancellationToken);
                await Console.Error.WriteLineAsync($"read again: {Summary}");
            }
        }
        catch (Exception error) when (error is CommandFailedException or ApiDocumentException or FunctionFaultException or IOException)
        {
            await Console.Error.WriteLineAsync($"cannot be read now, what was read before serves on: {error.Message}");
        }
    }
}
