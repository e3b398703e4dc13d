using System.Buffers;

namespace ToolRuntime.OpenApi.Search.Text;

/// <summary>English stems by the Porter2 algorithm (snowball's "english"), without its list of exceptional words and without apostrophes.</summary>
public static class Stemmer
{
    private static readonly SearchValues<char> s_vowels = SearchValues.Create("aeiouy");
    private static readonly string[] s_doubles = ["bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt"];

    // Longest suffix first in every table: the first that fits is the step's only one.
    private static readonly (string Suffix, string Replacement)[] s_second =
    [
        ("ization", "ize"), ("ational", "ate"), ("fulness", "ful"), ("ousness", "ous"), ("iveness", "ive"), ("tional", "tion"), ("biliti", "ble"),
        ("lessli", "less"), ("entli", "ent"), ("ation", "ate"), ("alism", "al"), ("aliti", "al"), ("ousli", "ous"), ("iviti", "ive"), ("fulli", "ful"),
        ("enci", "ence"), ("anci", "ance"), ("abli", "able"), ("izer", "ize"), ("ator", "ate"), ("alli", "al"), ("bli", "ble"),
    ];

    private static readonly (string Suffix, string Replacement)[] s_third =
    [
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("icate", "ic"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", ""),
    ];

    private static readonly string[] s_fourth =
    [
        "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "al", "er", "ic",
    ];

    /// <summary>The stem of <paramref name="word"/>, which is lower case; words of up to two letters and words with digits are their own stems.</summary>
    public static string Stem(string word)
    {
        if (word.Length <= 2 || word.AsSpan().ContainsAnyExceptInRange('a', 'z'))
        {
            return word;
        }

        var w = MarkConsonantY(word);
        var first = RegionAfter(w, 0);
        if (w.StartsWith("gener", StringComparison.Ordinal) || w.StartsWith("commun", StringComparison.Ordinal) || w.StartsWith("arsen", StringComparison.Ordinal))
        {
            first = w[0] == 'c' ? 6 : 5;
        }

        var second = RegionAfter(w, first);
        w = Plural(w);
        w = Participle(w, first);
        w = FinalY(w);
        w = Derived(w, first);
        w = DerivedFurther(w, first, second);
        w = Bare(w, second);
        return End(w, first, second).ToLowerInvariant();
    }

    // A y that begins the word or follows a vowel is a consonant; it is written Y until the end.
    private static string MarkConsonantY(string word)
    {
        if (!word.Contains('y'))
        {
            return word;
        }

        var letters = word.ToCharArray();
        for (var i = 0; i < letters.Length; i++)
        {
            if (letters[i] == 'y' && (i == 0 || IsVowel(letters[i - 1])))
            {
                letters[i] = 'Y';
            }
        }

        return new string(letters);
    }

    private static bool IsVowel(char letter) => letter is 'a' or 'e' or 'i' or 'o' or 'u' or 'y';

    /// <summary>Where the region begins that follows the first non-vowel after a vowel, from <paramref name="start"/> on.</summary>
    private static int RegionAfter(string w, int start)
    {
        for (var i = start + 1; i < w.Length; i++)
        {
            if (!IsVowel(w[i]) && IsVowel(w[i - 1]))
            {
                return i + 1;
            }
        }

        return w.Length;
    }

    private static string Plural(string w)
    {
        if (Ends(w, "sses"))
        {
            return w[..^2];
        }

        if (Ends(w, "ied") || Ends(w, "ies"))
        {
            return w.Length > 4 ? w[..^2] : w[..^1];
        }

        return Ends(w, "s") && !Ends(w, "us") && !Ends(w, "ss") && HasVowel(w.AsSpan(0, w.Length - 2)) ? w[..^1] : w;
    }

    private static string Participle(string w, int first)
    {
        if (Ends(w, "eedly") || Ends(w, "eed"))
        {
            var length = Ends(w, "eed") ? 3 : 5;
            return w.Length - length >= first ? w[..^length] + "ee" : w;
        }

        foreach (var suffix in (ReadOnlySpan<string>)["ingly", "edly", "ing", "ed"])
        {
            if (Ends(w, suffix))
            {
                return HasVowel(w.AsSpan(0, w.Length - suffix.Length)) ? Mend(w[..^suffix.Length], first) : w;
            }
        }

        return w;
    }

    private static string Mend(string w, int first)
    {
        if (Ends(w, "at") || Ends(w, "bl") || Ends(w, "iz"))
        {
            return w + "e";
        }

        if (w.Length >= 2 && s_doubles.Contains(w[^2..]))
        {
            return w[..^1];
        }

        return first >= w.Length && EndsShort(w) ? w + "e" : w;
    }

    private static string FinalY(string w) =>
        w.Length > 2 && w[^1] is 'y' or 'Y' && !IsVowel(w[^2]) ? w[..^1] + "i" : w;

    private static string Derived(string w, int first)
    {
        foreach (var (suffix, replacement) in s_second)
        {
            if (Ends(w, suffix))
            {
                return w.Length - suffix.Length >= first ? w[..^suffix.Length] + replacement : w;
            }
        }

        if (Ends(w, "ogi"))
        {
            return w.Length - 3 >= first && w.Length > 3 && w[^4] == 'l' ? w[..^1] : w;
        }

        return Ends(w, "li") && w.Length - 2 >= first && w.Length > 2 && "cdeghkmnrt".Contains(w[^3]) ? w[..^2] : w;
    }

    private static string DerivedFurther(string w, int first, int second)
    {
        foreach (var (suffix, replacement) in s_third)
        {
            if (Ends(w, suffix))
            {
                return w.Length - suffix.Length >= first ? w[..^suffix.Length] + replacement : w;
            }
        }

        return Ends(w, "ative") && w.Length - 5 >= second ? w[..^5] : w;
    }

    private static string Bare(string w, int second)
    {
        foreach (var suffix in s_fourth)
        {
            if (Ends(w, suffix))
            {
                return w.Length - suffix.Length >= second ? w[..^suffix.Length] : w;
            }
        }

        return Ends(w, "ion") && w.Length - 3 >= second && w.Length > 3 && w[^4] is 's' or 't' ? w[..^3] : w;
    }

    private static string End(string w, int first, int second)
    {
        if (Ends(w, "e"))
        {
            var length = w.Length - 1;
            return length >= second || (length >= first && !EndsShort(w[..^1])) ? w[..^1] : w;
        }

        return Ends(w, "ll") && w.Length - 1 >= second ? w[..^1] : w;
    }

    private static bool EndsShort(string w) => w.Length switch
    {
        2 => IsVowel(w[0]) && !IsVowel(w[1]),
        > 2 => !IsVowel(w[^3]) && IsVowel(w[^2]) && !IsVowel(w[^1]) && w[^1] is not ('w' or 'x' or 'Y'),
        _ => false,
    };

    private static bool HasVowel(ReadOnlySpan<char> w) => w.ContainsAny(s_vowels);

    private static bool Ends(string w, string suffix) => w.EndsWith(suffix, StringComparison.Ordinal);
}
