using System.Text.Json;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Gateway.Apis;

/// <summary>
/// Finds the document of an API whose base URL alone is known: at the URL itself, by its catalogue (RFC 9727), and where servers usually
/// offer it.
/// </summary>
public sealed class ApiDiscovery(Func<IDocumentSource> open, IReadOnlyList<ReadOnlyMemory<byte>> overlays)
{
    private const string Catalogue = "/.well-known/api-catalog";
    private static readonly string[] s_usual = ["openapi.json", "openapi.yaml", "swagger.json", "v3/api-docs", "swagger/v1/swagger.json", "api-docs", "openapi.yml", "swagger.yaml", "v2/api-docs", "api/openapi.json", "swagger/doc.json"];

    /// <summary>The package of the document at or behind <paramref name="url"/>.</summary>
    /// <exception cref="ApiDocumentException">There is none; says where it was looked for.</exception>
    public async Task<ApiPackage> GatherAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            return await ApiGatherer.GatherAsync(url, overlays, open(), cancellationToken);
        }
        catch (ApiDocumentException first) when (!IsDocument(url))
        {
            return await SearchAsync(url, first, cancellationToken);
        }
    }

    /// <summary>What a catalogue (a linkset, RFC 9264) names as descriptions. Pure; what is no such catalogue names nothing.</summary>
    public static IReadOnlyList<Uri> Described(ReadOnlyMemory<byte> catalogue, Uri from)
    {
        try
        {
            using var parsed = JsonDocument.Parse(catalogue);
            return parsed.RootElement.TryGetProperty("linkset", out var sets) && sets.ValueKind == JsonValueKind.Array
                ? [.. sets.EnumerateArray().SelectMany(Links).Select(l => Uri.TryCreate(from, l, out var link) ? link : null).OfType<Uri>()]
                : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Links(JsonElement set) =>
        set.ValueKind == JsonValueKind.Object && set.TryGetProperty("service-desc", out var links) && links.ValueKind == JsonValueKind.Array
            ? links.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.Object && l.TryGetProperty("href", out var href) && href.ValueKind == JsonValueKind.String).Select(l => l.GetProperty("href").GetString()!)
            : [];

    private static bool IsDocument(Uri url) => Path.GetExtension(url.AbsolutePath) is ".json" or ".yaml" or ".yml";

    private async Task<ApiPackage> SearchAsync(Uri url, ApiDocumentException first, CancellationToken cancellationToken)
    {
        var below = new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
        var candidates = (await CatalogueAsync(new Uri(url, Catalogue), cancellationToken)).Concat(s_usual.Select(u => new Uri(below, u))).Take(20).ToList();
        foreach (var candidate in candidates)
        {
            try
            {
                return await ApiGatherer.GatherAsync(candidate, overlays, open(), cancellationToken);
            }
            catch (ApiDocumentException)
            {
                // Not there: the next place.
            }
        }

        throw new ApiDocumentException($"there is no API document at {url} ({first.Message}), nor at {string.Join(", ", candidates.Select(c => c.PathAndQuery))}", "", "give the document's own URL");
    }

    private async Task<IReadOnlyList<Uri>> CatalogueAsync(Uri catalogue, CancellationToken cancellationToken)
    {
        try
        {
            return Described(await open().ReadAsync(catalogue, cancellationToken), catalogue);
        }
        catch (ApiDocumentException)
        {
            return [];
        }
    }
}
