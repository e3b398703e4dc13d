using System.Text.Json;

namespace ToolRuntime.OpenApi.Pagination;

/// <summary>What the body of an answer says of its pages, under the names that APIs usually have for it. Pure.</summary>
internal sealed class PageSigns(JsonElement body)
{
    private const int Deepest = 3;

    private static readonly string[] s_wrappers =
        ["links", "_links", "pages", "page", "paging", "pagination", "page_info", "pageInfo", "meta", "metadata", "response_metadata", "additional_data", "cursors", "next"];

    private static readonly string[] s_more = ["has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage", "more_items_in_collection"];

    private static readonly string[] s_last = ["last", "is_last", "isLast"];

    private static readonly string[] s_next = ["next", "next_page", "nextPage", "next_cursor", "nextCursor", "nextPageToken", "next_page_token", "next_page_url", "nextPageUrl"];

    private static readonly string[] s_totals = ["total", "total_count", "totalCount", "total_items", "totalItems", "total_results", "totalResults", "totalElements", "total_records", "@odata.count"];

    private static readonly string[] s_pageCounts = ["total_pages", "totalPages", "page_count", "pageCount", "last_page", "lastPage", "pages"];

    private static readonly string[] s_presentPages = ["current_page", "currentPage", "page_number", "pageNumber", "page"];

    /// <summary>The body and the objects within it that hold such signs, the outer ones first.</summary>
    public IReadOnlyList<JsonElement> Places { get; } = [.. Within(body, Deepest)];

    /// <summary>Whether it says in so many words that another page follows.</summary>
    public bool HasMore => Says(s_more, JsonValueKind.True);

    /// <summary>Whether it says in so many words that none does.</summary>
    public bool IsLast => Says(s_more, JsonValueKind.False) || Says(s_last, JsonValueKind.True);

    /// <summary>Whether it has a place for the next page and leaves it empty.</summary>
    public bool IsNextEmpty => Places.Any(p => Array.Exists(s_next, n => p.TryGetProperty(n, out var next)
        && (next.ValueKind == JsonValueKind.Null || (next.ValueKind == JsonValueKind.String && next.ValueEquals(""u8)))));

    /// <summary>How many items there are on all pages.</summary>
    public long? Total => Number(s_totals);

    /// <summary>How many pages there are.</summary>
    public long? Pages => Number(s_pageCounts);

    /// <summary>Which page this is.</summary>
    public long? Page => Counted() ?? Number(s_presentPages);

    /// <summary>Whether the first page is 0: Spring's pages have a number beside their count.</summary>
    public bool CountsFromZero => Counted() is not null;

    private long? Counted() => Places.Where(p => p.TryGetProperty("totalPages", out _)).Select(p => Number(p, "number")).FirstOrDefault(n => n is not null);

    private bool Says(string[] names, JsonValueKind value) => Places.Any(p => Array.Exists(names, n => p.TryGetProperty(n, out var said) && said.ValueKind == value));

    private long? Number(string[] names) => Places.SelectMany(p => names.Select(n => Number(p, n))).FirstOrDefault(n => n is not null);

    private static long? Number(JsonElement place, string name) =>
        place.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static IEnumerable<JsonElement> Within(JsonElement value, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object || depth == 0)
        {
            yield break;
        }

        yield return value;
        foreach (var inner in s_wrappers.Where(w => value.TryGetProperty(w, out _)).SelectMany(w => Within(value.GetProperty(w), depth - 1)))
        {
            yield return inner;
        }
    }
}
