using System.Buffers.Text;
using System.Text;

using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>Pages of the tool list. A cursor names the last tool of the page before, so that it stays right while tools come and go.</summary>
public static class ListPages
{
    private const int PageSize = 1000;

    /// <summary>Writes <c>"tools":[…]</c> and, where more follows, <c>"nextCursor"</c>, as the client can take them; where it is shown all of them, from what was written once.</summary>
    /// <exception cref="JsonRpcException">The cursor is not one of ours.</exception>
    public static void WriteTools(ReplyBuffer buffer, TenantTools tools, Func<ToolRoute, bool> isListed, string? cursor, (ToolShape Shape, SchemaDialect Dialect, bool IsWhole) client)
    {
        var sorted = tools.Sorted;
        if (client.IsWhole && cursor is null && sorted.Length <= PageSize && client.Dialect == SchemaDialect.Strict202012)
        {
            buffer.Raw(tools.Page(client.Shape));
            return;
        }

        var start = cursor is null ? 0 : After(sorted, Decode(cursor));
        var (at, written) = (start, 0);
        buffer.Raw("\"tools\":["u8);
        for (; at < sorted.Length && written < PageSize; at++)
        {
            if (isListed(sorted[at]))
            {
                buffer.Raw(written++ == 0 ? ""u8 : ","u8).Raw(sorted[at].ListingIn(client.Dialect).For(client.Shape));
            }
        }

        buffer.Raw("]"u8);
        if (at < sorted.Length)
        {
            buffer.Raw(",\"nextCursor\":"u8).Text(Base64Url.EncodeToString(Encoding.UTF8.GetBytes(sorted[at - 1].Tool.Name)));
        }
    }

    /// <summary>Writes <c>"member":[…]</c> of raw items, whole.</summary>
    public static void WriteItems(ReplyBuffer buffer, string member, IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        buffer.Text(member).Raw(":["u8);
        for (var i = 0; i < items.Count; i++)
        {
            buffer.Raw(i == 0 ? ""u8 : ","u8).Raw(items[i].Span);
        }

        buffer.Raw("]"u8);
    }

    private static int After(ReadOnlySpan<ToolRoute> sorted, string name)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(sorted[middle].Tool.Name, name) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static string Decode(string cursor)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        }
        catch (FormatException)
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidParams, "the cursor is not one of this server's");
        }
    }
}
