namespace ToolRuntime.OpenApi.Schemas.Patterns;

/// <summary>Characters that one place of a pattern takes: the ASCII ones exactly, all others as one.</summary>
internal readonly record struct CharSet(UInt128 Ascii, bool HasOther)
{
    public static readonly CharSet None = new(0, false);
    public static readonly CharSet All = new(UInt128.MaxValue, true);
    public static readonly CharSet Digits = Range('0', '9');
    public static readonly CharSet Word = Digits | Range('a', 'z') | Range('A', 'Z') | Range('_', '_');
    public static readonly CharSet Space = Range(' ', ' ') | Range('\t', '\r') | new CharSet(0, true);

    public static CharSet Range(int from, int to)
    {
        UInt128 mask = 0;
        for (var c = from; c <= Math.Min(to, 127); c++)
        {
            mask |= UInt128.One << c;
        }

        return new CharSet(mask, to > 127);
    }

    /// <summary>Whether a character can be in both.</summary>
    public bool Meets(CharSet other) => (Ascii & other.Ascii) != 0 || (HasOther && other.HasOther);

    /// <summary>All others. What is not ASCII stays possible.</summary>
    public CharSet Complement() => new(~Ascii, true);

    public static CharSet operator |(CharSet first, CharSet second) => new(first.Ascii | second.Ascii, first.HasOther || second.HasOther);
}
