using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>
/// Names of one tool's arguments: 1 to 64 of <c>[A-Za-z0-9_.-]</c>, which is what models' interfaces take. Of several that want the same name the
/// first place keeps it (path, query, header, cookie, body) and the others get their place behind it (<c>id</c>, <c>id__body</c>): what is added to a
/// body later renames no parameter.
/// </summary>
internal sealed class ArgumentNames
{
    private const int Longest = 64;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>A name for <paramref name="name"/>, which nothing else has.</summary>
    public string Take(string name, string place)
    {
        var plain = Cut(Clean(name), name);
        foreach (var candidate in new[] { plain, Cut($"{plain}__{place}", name), Cut($"{plain}__{place}_{Hash(name)}", name) })
        {
            if (_taken.Add(candidate))
            {
                return candidate;
            }
        }

        for (var i = 2; ; i++)
        {
            var last = Cut($"{plain}__{place}_{i}", $"{name}{i}");
            if (_taken.Add(last))
            {
                return last;
            }
        }
    }

    /// <summary>Whether a name needs no cleaning.</summary>
    public static bool IsClean(string name) => name.Length <= Longest && Clean(name) == name;

    private static string Clean(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
            {
                result.Append(c);
            }
            else if (result.Length > 0 && result[^1] != '_')
            {
                result.Append('_');
            }
        }

        while (result.Length > 0 && result[^1] == '_' && !name.EndsWith('_'))
        {
            result.Length--;
        }

        return result.Length == 0 ? "arg" : result.ToString();
    }

    private static string Cut(string clean, string name) => clean.Length <= Longest ? clean : $"{clean[..(Longest - 9)]}_{Hash(name + clean)}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
