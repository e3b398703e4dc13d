using System.Numerics;

namespace ToolRuntime.OpenApi.Search.Meaning;

/// <summary>Arithmetic on unit vectors in 127ths.</summary>
internal static class Likeness
{
    /// <summary>The cosine of two vectors of one length.</summary>
    public static float Of(ReadOnlySpan<sbyte> left, ReadOnlySpan<sbyte> right)
    {
        var sum = 0;
        var at = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var sums = Vector<int>.Zero;
            for (; at + Vector<sbyte>.Count <= left.Length; at += Vector<sbyte>.Count)
            {
                Vector.Widen(new Vector<sbyte>(left[at..]), out var leftLow, out var leftHigh);
                Vector.Widen(new Vector<sbyte>(right[at..]), out var rightLow, out var rightHigh);
                // two products of 127ths fit into 16 bits, so the sum is widened only once
                Vector.Widen((leftLow * rightLow) + (leftHigh * rightHigh), out var low, out var high);
                sums += low + high;
            }

            sum = Vector.Sum(sums);
        }

        for (; at < left.Length; at++)
        {
            sum += left[at] * right[at];
        }

        return sum / (127f * 127f);
    }

    /// <summary>The unit vector in 127ths that points where <paramref name="sum"/> points; zero for zero.</summary>
    public static void Normalise(ReadOnlySpan<float> sum, Span<sbyte> unit)
    {
        var square = 0f;
        foreach (var value in sum)
        {
            square += value * value;
        }

        var scale = square > 0 ? 127 / MathF.Sqrt(square) : 0;
        for (var i = 0; i < sum.Length; i++)
        {
            unit[i] = (sbyte)MathF.Round(sum[i] * scale);
        }
    }
}
