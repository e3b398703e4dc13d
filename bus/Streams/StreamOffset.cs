using System.Globalization;

namespace ToolRuntime.Bus.Streams;

/// <summary>
/// A place in a stream, between two chunks. Its text is <c>{position}_{sequence}</c>, 16 digits each: sorts as text like the places do. The
/// position counts chunks from the stream's begin, and goes on over a fork; the sequence tells a stream from an earlier one of the same name.
/// </summary>
/// <param name="Position">Chunks before it.</param>
/// <param name="Sequence">Stored sequence of the last of them, or 0.</param>
public readonly record struct StreamOffset(ulong Position, ulong Sequence) : IComparable<StreamOffset>
{
    /// <summary>Before the first chunk.</summary>
    public static StreamOffset Start => default;

    /// <summary>Reads the text.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out StreamOffset offset)
    {
        offset = default;
        var split = text.IndexOf('_');
        if (split < 1
            || !ulong.TryParse(text[..split], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            || !ulong.TryParse(text[(split + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        offset = new StreamOffset(position, sequence);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(StreamOffset other) => Position.CompareTo(other.Position);

    /// <summary>Whether <paramref name="left"/> lies before <paramref name="right"/>.</summary>
    public static bool operator <(StreamOffset left, StreamOffset right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> lies after <paramref name="right"/>.</summary>
    public static bool operator >(StreamOffset left, StreamOffset right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not lie after <paramref name="right"/>.</summary>
    public static bool operator <=(StreamOffset left, StreamOffset right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not lie before <paramref name="right"/>.</summary>
    public static bool operator >=(StreamOffset left, StreamOffset right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Position:D16}_{Sequence:D16}");
}
