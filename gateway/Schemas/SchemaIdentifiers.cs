using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>Where references of one document lead: <c>$id</c>, <c>$anchor</c> and JSON pointers, resolved inside the document only.</summary>
internal sealed class SchemaIdentifiers
{
    private const string Unnamed = "schema:/";
    private static readonly HashSet<string> s_notSchemas = new(StringComparer.Ordinal) { "const", "enum", "default", "examples" };

    private readonly Dictionary<string, (JsonElement Schema, string Pointer)> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (JsonElement Schema, string Pointer)> _anchors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Uri> _bases = new(StringComparer.Ordinal);

    public static SchemaIdentifiers Collect(JsonElement root)
    {
        var found = new SchemaIdentifiers();
        var unnamed = new Uri(Unnamed);
        found._resources[Key(unnamed)] = (root, "");
        found.Walk(root, "", unnamed);
        return found;
    }

    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public (JsonElement Schema, string Pointer)? Resolve(string reference, string from)
    {
        if (!Uri.TryCreate(BaseOf(from), reference, out var uri) || !_resources.TryGetValue(Key(uri), out var resource))
        {
            return null;
        }

        var fragment = Uri.UnescapeDataString(uri.Fragment.TrimStart('#'));
        if (fragment.Length == 0)
        {
            return resource;
        }

        return fragment[0] == '/' ? Follow(resource, fragment) : _anchors.TryGetValue($"{Key(uri)}#{fragment}", out var anchored) ? anchored : null;
    }

    private static (JsonElement Schema, string Pointer)? Follow((JsonElement Schema, string Pointer) from, string fragment)
    {
        var element = from.Schema;
        foreach (var raw in fragment[1..].Split('/'))
        {
            var name = raw.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member))
            {
                element = member;
            }
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index >= 0 && index < element.GetArrayLength())
            {
                element = element[index];
            }
            else
            {
                return null;
            }
        }

        return (element, from.Pointer + fragment);
    }

    private static string Key(Uri uri) => uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped);

    private Uri BaseOf(string pointer)
    {
        for (var at = pointer; ; at = at[..at.LastIndexOf('/')])
        {
            if (_bases.TryGetValue(at, out var known))
            {
                return known;
            }
        }
    }

    private void Walk(JsonElement schema, string pointer, Uri parent)
    {
        var current = parent;
        if (schema.ValueKind == JsonValueKind.Object)
        {
            current = Name(schema, pointer, parent);
        }

        if (pointer.Length == 0)
        {
            _bases[""] = current;
        }

        if (schema.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in schema.EnumerateObject())
            {
                if (!s_notSchemas.Contains(member.Name))
                {
                    Walk(member.Value, $"{pointer}/{Escape(member.Name)}", current);
                }
            }
        }
        else if (schema.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in schema.EnumerateArray())
            {
                Walk(item, $"{pointer}/{index++}", current);
            }
        }
    }

    private Uri Name(JsonElement schema, string pointer, Uri parent)
    {
        var current = parent;
        if (schema.TryGetProperty("$id", out var id) && id.ValueKind == JsonValueKind.String && Uri.TryCreate(parent, id.GetString(), out var named))
        {
            current = named;
            _bases[pointer] = named;
            _resources.TryAdd(Key(named), (schema, pointer));
        }

        foreach (var keyword in new[] { "$anchor", "$dynamicAnchor" })
        {
            if (schema.TryGetProperty(keyword, out var anchor) && anchor.ValueKind == JsonValueKind.String)
            {
                _anchors.TryAdd($"{Key(current)}#{anchor.GetString()}", (schema, pointer));
            }
        }

        return current;
    }
}
