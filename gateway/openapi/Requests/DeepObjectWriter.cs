using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>
/// The style <c>deepObject</c>: <c>a[b]=1</c>, the brackets percent-encoded as RFC 3986 asks. OpenAPI defines one level of scalars; beyond it the
/// widespread convention is followed: members of members in more brackets, items of arrays by their index (<c>a[b][0]=1</c>), which keeps
/// arrays of objects apart.
/// </summary>
internal sealed class DeepObjectWriter(string argument, Escape escape)
{
    private const int MostDepth = 32;

    /// <summary>Appends <paramref name="value"/>; false, and nothing appended, where nothing of it is defined.</summary>
    public bool Write(StringBuilder target, string name, JsonElement value)
    {
        var start = target.Length;
        Write(target, start, PercentEncoding.Of(name, escape == Escape.Form ? Escape.Form : Escape.Strict), value, MostDepth);
        return target.Length > start;
    }

    private void Write(StringBuilder target, int start, string path, JsonElement value, int depth)
    {
        if (depth == 0)
        {
            throw ApiFaultException.Argument(argument, $"is nested more than {MostDepth} deep");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Write(target, start, $"{path}%5B{PercentEncoding.Of(member.Name, Escape.Strict)}%5D", member.Value, depth - 1);
                }

                return;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Write(target, start, $"{path}%5B{index++}%5D", item, depth - 1);
                }

                return;
            default:
                target.Append(target.Length > start ? "&" : "").Append(path).Append('=');
                PercentEncoding.Append(target, ArgumentText.Of(argument, value), escape);
                return;
        }
    }
}
