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
        ["next", "next_url", "nextUrl", "next_page_url", "nextPageUrl", "@odata.nextLink", "odata.nextLink", "nextLink", "next_link", "next_page"];

    private static readonly string[] s_cursors =
        ["next_cursor", "nextCursor", "nextPageToken", "next_page_token", "nextToken", "NextToken", "next_token", "continuationToken", "continuation_token", "next_page", "nextPage", "end_cursor", "endCursor", "after", "cursor"];

    private static readonly string[] s_cursorArguments =
        ["cursor", "page_token", "pageToken", "next_token", "nextToken", "NextToken", "next_cursor", "continuation_token", "continuationToken", "continuation", "after", "starting_after", "page[cursor]", "page[after]", "start_cursor", "next", "token", "marker", "page"];

    private static readonly string[] s_wrappers =
        ["links", "_links", "paging", "pagination", "page_info", "pageInfo", "meta", "metadata", "response_metadata", "cursors", "next"];

    private static readonly string[] s_offsets = ["offset", "start", "skip", "startAt", "startIndex", "$skip", "from"];

    private static readonly string[] s_limits = ["limit", "per_page", "perPage", "page_size", "pageSize", "maxResults", "max_results", "size", "count", "first", "$top"];

    /// <summary>The next page, or null where this is the last one or nobody can tell.</summary>
    /// <param name="links">The values of the header <c>Link</c>.</param>
    /// <param name="body">The answer, or undefined where it is no JSON.</param>
    public NextPage? Find(IEnumerable<string> links, JsonElement body) =>
        FromUrl(LinkHeader.Next(links)) ?? FromBody(body) ?? FromCount(body);

    private NextPage? FromBody(JsonElement body)
    {
        foreach (var place in Places(body, depth: 3))
        {
            if (place.TryGetProperty("has_more", out var more) && more.ValueKind == JsonValueKind.False)
            {
                return null;
            }

            var found = s_urls.Select(n => Url(place, n)).Select(FromUrl).FirstOrDefault(p => p is not null) ?? FromCursor(place);
            if (found is not null)
            {
                return found;
            }
        }

        return FromLastItem(body);
    }

    private static IEnumerable<JsonElement> Places(JsonElement value, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object || depth == 0)
        {
            yield break;
        }

        yield return value;
        foreach (var inner in s_wrappers.Where(w => value.TryGetProperty(w, out _)).SelectMany(w => Places(value.GetProperty(w), depth - 1)))
        {
            yield return inner;
        }
    }

    private static string? Url(JsonElement place, string name)
    {
        if (!place.TryGetProperty(name, out var value))
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("href", out var href) ? href : value;
        return text.ValueKind == JsonValueKind.String && text.GetString() is { } url && url.Contains('?') ? url : null;
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

    private NextPage? FromCursor(JsonElement place)
    {
        foreach (var name in s_cursors)
        {
            if (!place.TryGetProperty(name, out var cursor) || cursor.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) || Text(cursor).Length == 0)
            {
                continue;
            }

            var argument = s_cursorArguments.Select(Argument).FirstOrDefault(a => a is not null);
            if (argument is not null && !(arguments.TryGetProperty(argument.Argument, out var present) && Text(present) == Text(cursor)))
            {
                return new NextPage([new(argument.Argument, Typed(Schema(argument), Text(cursor)))]);
            }
        }

        return null;
    }

    /// <summary>Stripe's way: <c>has_more</c>, and the last item's id is the next <c>starting_after</c>.</summary>
    private NextPage? FromLastItem(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("has_more", out var more) || more.ValueKind != JsonValueKind.True
            || (Argument("starting_after") ?? Argument("after")) is not { } argument || Items(body) is not { } items || items.GetArrayLength() == 0)
        {
            return null;
        }

        var last = items[items.GetArrayLength() - 1];
        return last.ValueKind == JsonValueKind.Object && last.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? new NextPage([new(argument.Argument, last.GetProperty("id"))])
            : null;
    }

    /// <summary>A full page by count: the next offset, or the next page where the body says how many there are.</summary>
    private NextPage? FromCount(JsonElement body)
    {
        var count = Items(body)?.GetArrayLength() ?? 0;
        if (count == 0)
        {
            return null;
        }

        var limit = s_limits.Select(Argument).Select(Number).FirstOrDefault(n => n is not null);
        var total = Total(body);
        if (s_offsets.Select(Argument).FirstOrDefault(a => a is not null) is { } offset)
        {
            var next = (Number(offset) ?? 0) + count;
            return total is { } all ? next < all ? Changed(offset, next) : null
                : limit is { } full && count >= full ? Changed(offset, next) : null;
        }

        if (Argument("page") is not { } page || Total(body, "total_pages", "totalPages", "page_count", "last_page") is not { } pages)
        {
            return null;
        }

        var present = Number(page) ?? 1;
        return present < pages ? Changed(page, present + 1) : null;
    }

    private ArgumentBinding? Argument(string name) => tool.Bindings.FirstOrDefault(b => b.Target != BindingTarget.WholeBody && b.Name == name);

    private long? Number(ArgumentBinding? binding) =>
        binding is not null && arguments.TryGetProperty(binding.Argument, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static NextPage Changed(ArgumentBinding binding, long value) => new([new(binding.Argument, JsonElement.Parse(value.ToString(CultureInfo.InvariantCulture)))]);

    private static JsonElement? Items(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.Array => body,
        JsonValueKind.Object => body.EnumerateObject().Select(m => (JsonElement?)m.Value).FirstOrDefault(v => v!.Value.ValueKind == JsonValueKind.Array),
        _ => null,
    };

    private static long? Total(JsonElement body) => Total(body, "total", "total_count", "totalCount", "totalResults", "totalItems", "@odata.count");

    private static long? Total(JsonElement body, params ReadOnlySpan<string> names)
    {
        foreach (var place in Places(body, depth: 2))
        {
            foreach (var name in names)
            {
                if (place.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var total))
                {
                    return total;
                }
            }
        }

        return null;
    }

    private static ApiSchema Schema(ArgumentBinding binding) => binding.Parameter?.Schema ?? ApiSchema.Anything;

    /// <summary>A value as its parameter's type has it.</summary>
    private static JsonElement Typed(ApiSchema schema, string value)
    {
        var node = schema.Resolve().Node;
        var isNumber = node.ValueKind == JsonValueKind.Object && node.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            && type.GetString() is "integer" or "number";
        return isNumber && double.TryParse(value, CultureInfo.InvariantCulture, out _) ? JsonElement.Parse(value) : JsonSerializer.SerializeToElement(value);
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Part(string pair, int index)
    {
        var parts = pair.Split('=', 2);
        return index < parts.Length ? Uri.UnescapeDataString(parts[index].Replace('+', ' ')) : "";
    }
}
