using System.Text.Json;

using ToolRuntime.Cli.Instances;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>Lists that come in pages.</summary>
internal static class Pages
{
    /// <summary>All of a list.</summary>
    public static async Task<List<JsonElement>> ReadAsync(AdminClient client, string path, CancellationToken cancellationToken)
    {
        var all = new List<JsonElement>();
        for (string? next = ""; next is not null;)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, next.Length == 0 ? path : $"{path}{(path.Contains('?') ? '&' : '?')}nextToken={Uri.EscapeDataString(next)}");
            using var response = await client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw Problem.Read(text, (int)response.StatusCode);
            }

            using var page = JsonDocument.Parse(text);
            all.AddRange(page.RootElement.EnumerateArray().Select(e => e.Clone()));
            next = response.Headers.TryGetValues("x-next-token", out var tokens) ? tokens.First() : null;
        }

        return all;
    }
}
