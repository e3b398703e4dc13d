using System.Globalization;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Pagination;

/// <summary>
/// Finds out from an answer how the next page is asked for: the header <c>Link</c> (RFC 8288), a URL or cursor in the body under one of its usual
/// names, Stripe's <c>has_more</c>, or a page or offset among the arguments. Pure; what it does not know is no page.
/// </summary>
public sealed class NextPageFinder(ApiTool tool, JsonElement arguments)
{
    private static readonly string[] s_urls =
        ["next", "next_url", "nextUrl", "next_page_url", "nextPageUrl", "next_page_uri", "@odata.nextLink", "odata.nextLink", "nextLink", "next_link", "next_page"];

    private static readonly string[] s_targets = ["href", "uri", "url"];

    private static readonly string[] s_cursors =
        ["next_cursor", "nextCursor", "nextPageToken", "next_page_token", "nextToken", "NextToken", "next_token", "next_marker", "nextMarker", "NextMarker", "continuationToken", "continuation_token",
            "continue", "next_page", "nextPage", "end_cursor", "endCursor", "after_cursor", "after", "cursor"];

    /// <summary>Members whose argument is called the same, or the same without <c>next</c>, and nothing else.</summary>
    private static readonly string[] s_places = ["next_offset", "nextOffset", "next_start", "nextStart", "offset"];

    private static readonly string[] s_cursorArguments =
        ["cursor", "page_token", "pageToken", "next_token", "nextToken", "NextToken", "next_cursor", "pagination_token", "paginationToken", "continuation_token", "continuationToken", "continuation", "after",
            "starting_after", "page[cursor]", "page[after]", "start_cursor", "next", "token", "marker", "Marker", "page"];

    private static readonly string[] s_offsets = ["offset", "start", "skip", "startAt", "startIndex", "$skip", "from"];

    private static readonly string[] s_limits = ["limit", "per_page", "perPage", "page_size", "pageSize", "maxResults", "max_results", "size", "count", "first", "$top"];

    /// <summary>The next page, or null where this is the last one or nobody can tell.</summary>
    /// <param name="links">The values of the header <c>Link</c>.</param>
    /// <param name="body">The answer, or undefined where it is no JSON.</param>
    public NextPage? Find(IReadOnlyCollection<string> links, JsonElement body)
    {
        if (FromUrl(LinkHeader.Next(links)) is { } linked)
        {
            return linked;
        }

        var signs = new PageSigns(body);
        return signs.IsLast || LinkHeader.IsLast(links) ? null : FromBody(body, signs) ?? FromCount(body, signs);
    }

    private NextPage? FromBody(JsonElement body, PageSigns signs)
    {
        foreach (var place in signs.Places)
        {
            var found = s_urls.Select(n => Url(place, n)).Append(Listed(place)).Select(FromUrl).FirstOrDefault(p => p is not null)
                ?? s_cursors.Select(n => FromCursor(place, n, s_cursorArguments)).FirstOrDefault(p => p is not null)
                ?? s_places.Select(n => FromCursor(place, n, Named(n))).FirstOrDefault(p => p is not null);
            if (found is not null)
            {
                return found;
            }
        }

        return FromLastItem(body, signs);
    }

    private static string? Url(JsonElement place, string name)
    {
        if (!place.TryGetProperty(name, out var value))
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.Object ? Target(value) : value;
        return text.ValueKind == JsonValueKind.String && text.GetString() is { } url && url.Contains('?') ? url : null;
    }

    private static JsonElement Target(JsonElement link) => s_targets.Where(t => link.TryGetProperty(t, out _)).Select(link.GetProperty).FirstOrDefault();

    /// <summary>The URL of the link <c>next</c> where the links are a list (<c>[{"rel": "next", "href": …}]</c>).</summary>
    private static string? Listed(JsonElement place)
    {
        if (!place.TryGetProperty("links", out var links) || links.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var next = links.EnumerateArray().FirstOrDefault(l => l.ValueKind == JsonValueKind.Object && l.TryGetProperty("rel", out var rel) && rel.ValueKind == JsonValueKind.String && rel.ValueEquals("next"u8));
        return next.ValueKind == JsonValueKind.Object && Target(next) is { ValueKind: JsonValueKind.String } target ? target.GetString() : null;
    }

    /// <summary>What a URL's query says that the arguments do not say yet.</summary>
    private NextPage? FromUrl(string? url)
    {
        var mark = url?.IndexOf('?') ?? -1;
        if (mark < 0)
        {
            return null;
        }

        var changes = new List<KeyValuePair<string, JsonElement>>();
        foreach (var pair in url![(mark + 1)..].Split('#')[0].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (Part(pair, 0), Part(pair, 1));
            var binding = tool.Bindings.FirstOrDefault(b => b.Parameter is { Place: ParameterPlace.Query } p && p.Name == name);
            if (binding is null)
            {
                continue;
            }

            var next = Typed(binding.Parameter!.Schema, value);
            if (!arguments.TryGetProperty(binding.Argument, out var present) || Text(present) != value)
            {
                changes.Add(new(binding.Argument, next));
            }
        }

        // A list comes back as several pairs: only the places of a page are taken for changes.
        var pages = changes.Where(c => changes.Count(d => d.Key == c.Key) == 1).ToList();
        return pages.Count > 0 ? new NextPage(pages) : null;
    }

    private NextPage? FromCursor(JsonElement place, string name, string[] names)
    {
        if (!place.TryGetProperty(name, out var cursor) || cursor.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) || Text(cursor).Length == 0 || (name == "offset" && IsCount(cursor)))
        {
            return null;
        }

        var argument = names.Prepend(name).Select(Argument).FirstOrDefault(a => a is not null);
        return argument is null || (arguments.TryGetProperty(argument.Argument, out var present) && Text(present) == Text(cursor))
            ? null
            : new NextPage([new(argument.Argument, Typed(Schema(argument), Text(cursor)))]);
    }

    /// <summary>What an argument is called that takes what stands under <c>next_offset</c>.</summary>
    private static string[] Named(string name) => name.StartsWith("next", StringComparison.Ordinal) ? [name[4..].TrimStart('_').ToLowerInvariant()] : [];

    /// <summary>An offset that is a number says where this page begins, not where the next one does.</summary>
    private static bool IsCount(JsonElement offset) => offset.ValueKind == JsonValueKind.Number || offset.GetString()!.All(char.IsAsciiDigit);

    /// <summary>Stripe's way: <c>has_more</c>, and the last item's id is the next <c>starting_after</c>.</summary>
    private NextPage? FromLastItem(JsonElement body, PageSigns signs)
    {
        if (!signs.HasMore || (Argument("starting_after") ?? Argument("after")) is not { } argument || Items(body) is not { } items || items.GetArrayLength() == 0)
        {
            return null;
        }

        var last = items[items.GetArrayLength() - 1];
        return last.ValueKind == JsonValueKind.Object && last.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? new NextPage([new(argument.Argument, id.Clone())])
            : null;
    }

    /// <summary>By counting: the next offset or page, where the body says how many there are or that there are more, or where an offset's page is full.</summary>
    private NextPage? FromCount(JsonElement body, PageSigns signs)
    {
        var count = Items(body)?.GetArrayLength() ?? 0;
        if (count == 0 || signs.IsNextEmpty)
        {
            return null;
        }

        return s_offsets.Select(Argument).FirstOrDefault(a => a is not null) is { } offset ? FromOffset(offset, count, signs)
            : Argument("page") is { } page ? FromPage(page, signs) : null;
    }

    private NextPage? FromOffset(ArgumentBinding offset, int count, PageSigns signs)
    {
        // An offset that is a text is a cursor of another name.
        if (SchemaLook.Type(Schema(offset)) == "string")
        {
            return null;
        }

        var next = (Number(offset) ?? 0) + count;
        var limit = s_limits.Select(Argument).Select(Given).FirstOrDefault(n => n is not null);
        var isMore = signs.HasMore || (signs.Total is { } total ? next < total : count >= limit);
        return isMore ? Changed(offset, next) : null;
    }

    private NextPage? FromPage(ArgumentBinding page, PageSigns signs)
    {
        var present = Number(page) ?? signs.Page ?? Given(page) ?? 1;
        var isFromZero = signs.CountsFromZero || Given(page) == 0;
        return signs.HasMore || present < signs.Pages - (isFromZero ? 1 : 0) ? Changed(page, present + 1) : null;
    }

    private ArgumentBinding? Argument(string name) => tool.Bindings.FirstOrDefault(b => b.Target != BindingTarget.WholeBody && b.Name == name);

    private long? Number(ArgumentBinding? binding) =>
        binding is not null && arguments.TryGetProperty(binding.Argument, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    /// <summary>A number among the arguments, or what the document takes where none is given.</summary>
    private long? Given(ArgumentBinding? binding) => Number(binding) ?? (binding is not null && Schema(binding).Resolve().Node is { ValueKind: JsonValueKind.Object } schema
        && schema.TryGetProperty("default", out var usual) && usual.ValueKind == JsonValueKind.Number && usual.TryGetInt64(out var number) ? number : null);

    private static NextPage Changed(ArgumentBinding binding, long value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        return new([new(binding.Argument, SchemaLook.Type(Schema(binding)) == "string" ? JsonSerializer.SerializeToElement(text) : JsonElement.Parse(text))]);
    }

    private static JsonElement? Items(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.Array => body,
        JsonValueKind.Object => body.EnumerateObject().Where(m => m.Name != "links").Select(m => (JsonElement?)m.Value).FirstOrDefault(v => v!.Value.ValueKind == JsonValueKind.Array),
        _ => null,
    };

    private static ApiSchema Schema(ArgumentBinding binding) => binding.Parameter?.Schema ?? ApiSchema.Anything;

    /// <summary>A value as its parameter's type has it.</summary>
    private static JsonElement Typed(ApiSchema schema, string value) =>
        SchemaLook.Type(schema) is "integer" or "number" && double.TryParse(value, CultureInfo.InvariantCulture, out _) ? JsonElement.Parse(value) : JsonSerializer.SerializeToElement(value);

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Part(string pair, int index)
    {
        var parts = pair.Split('=', 2);
        return index < parts.Length ? Uri.UnescapeDataString(parts[index].Replace('+', ' ')) : "";
    }
}
