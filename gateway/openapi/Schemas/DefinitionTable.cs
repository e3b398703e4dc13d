using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>The schemas that one API's references lead to, each converted once for each side, when first asked for.</summary>
internal sealed class DefinitionTable(ApiFormat format, SchemaSide side, SchemaNotes notes)
{
    private const int LongestName = 48;
    private const int LongestChain = IReferenceSource.LongestChain;
    private static readonly string[] s_usual = ["/components/schemas/", "/definitions/"];

    private readonly ConcurrentDictionary<(IReferenceSource, string), Lazy<Definition>> _definitions = new();
    private readonly ConcurrentDictionary<string, Definition> _byName = new(StringComparer.Ordinal);

    public ApiFormat Format { get; } = format;

    public SchemaSide Side { get; } = side;

    public SchemaNotes Notes { get; } = notes;

    /// <summary>Whether keywords beside a reference mean something (from 3.1 on).</summary>
    public bool ReadsBesideReferences => Format is ApiFormat.OpenApi31 or ApiFormat.OpenApi32 or ApiFormat.Manual or ApiFormat.Grpc;

    /// <summary>The definition that <paramref name="reference"/> leads to, seen from <paramref name="source"/>; null where it leads nowhere.</summary>
    public Definition? Find(IReferenceSource? source, string reference)
    {
        if (source is null || !source.TryResolve(reference, out var target))
        {
            return null;
        }

        // A schema that is nothing but another reference is that other one.
        for (var step = 0; step < LongestChain && Alias(target) is { } next; step++)
        {
            if (!target.Source!.TryResolve(next, out var further))
            {
                return null;
            }

            (reference, target) = (next, further);
        }

        var home = target.Source ?? source;
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var key = (home, hash < 0 ? "" : reference[(hash + 1)..]);
        return _definitions.TryGetValue(key, out var known) ? known.Value : _definitions.GetOrAdd(key, new Lazy<Definition>(() => Make(key.Item2, reference, target))).Value;
    }

    /// <summary>The definition of a name that was given out, or null.</summary>
    public Definition? Named(string name) => _byName.GetValueOrDefault(name);

    private static string? Alias(ApiSchema schema) =>
        schema is { Source: not null, Node.ValueKind: System.Text.Json.JsonValueKind.Object } && schema.Node.GetPropertyCount() == 1
            && schema.Node.TryGetProperty("$ref", out var next) && next.ValueKind == System.Text.Json.JsonValueKind.String ? next.GetString() : null;

    private Definition Make(string fragment, string reference, ApiSchema target)
    {
        var name = NameOf(fragment.Length > 1 ? fragment : "/" + Path.GetFileNameWithoutExtension(reference.Split('#')[0]));
        var definition = new Definition(name, Convert);
        if (_byName.TryAdd(name, definition))
        {
            return definition;
        }

        // Another document has one of the same name, or two names look alike once cleaned.
        definition = new Definition($"{name}_{Hash($"{fragment}\n{target.Node.GetRawText()}")}", Convert);
        _byName[definition.Name] = definition;
        return definition;

        SchemaPart Convert() => new SchemaConverter(this, "#" + fragment).Convert(target);
    }

    private static string NameOf(string fragment)
    {
        var decoded = Uri.UnescapeDataString(fragment);
        var last = JsonPointer.Unescape(decoded[(decoded.LastIndexOf('/') + 1)..]);
        var clean = new string([.. last.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_')]);
        var isUsual = clean == last && clean.Length is > 0 and <= LongestName && (decoded.LastIndexOf('/') == 0 || Array.Exists(s_usual, u => decoded == u + last));
        return isUsual ? clean : $"{(clean.Length > LongestName ? clean[..LongestName] : clean.Length == 0 ? "schema" : clean)}_{Hash(decoded)}";
    }

    private static string Hash(string text) => System.Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..6];
}
