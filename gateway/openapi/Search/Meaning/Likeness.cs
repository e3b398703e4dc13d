using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ToolRuntime.OpenApi.Search.Meaning;

/// <summary>Arithmetic on unit vectors in 127ths.</summary>
internal static class Likeness
{
    /// <summary>The cosine of two vectors of one length. The left one, which is compared with many, has 16 bits a number.</summary>
    public static float Of(ReadOnlySpan<short> left, ReadOnlySpan<sbyte> right)
    {
        var (sum, at) = Avx2.IsSupported ? Wide(left, right) : Portable(left, right);
        for (; at < left.Length; at++)
        {
            sum += left[at] * right[at];
        }

        return sum / (127f * 127f);
    }

    /// <summary>Writes a vector in 16 bits.</summary>
    public static void Widen(ReadOnlySpan<sbyte> from, Span<short> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = from[i];
        }
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

    private static (int Sum, int At) Wide(ReadOnlySpan<short> left, ReadOnlySpan<sbyte> right)
    {
        var sums = Vector256<int>.Zero;
        var at = 0;
        for (; at + Vector256<short>.Count <= left.Length; at += Vector256<short>.Count)
        {
            sums += Avx2.MultiplyAddAdjacent(Vector256.Create(left[at..]), Avx2.ConvertToVector256Int16(Vector128.Create(right[at..])));
        }

        return (Vector256.Sum(sums), at);
    }

    private static (int Sum, int At) Portable(ReadOnlySpan<short> left, ReadOnlySpan<sbyte> right)
    {
        var sums = Vector<int>.Zero;
        var at = 0;
        for (; at + Vector<sbyte>.Count <= left.Length; at += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(right[at..]), out var rightLow, out var rightHigh);
            var (leftLow, leftHigh) = (new Vector<short>(left[at..]), new Vector<short>(left[(at + Vector<short>.Count)..]));
            // two products of 127ths fit into 16 bits, so the sum is widened only once
            Vector.Widen((leftLow * rightLow) + (leftHigh * rightHigh), out var low, out var high);
            sums += low + high;
        }

        return (Vector.Sum(sums), at);
    }
}
