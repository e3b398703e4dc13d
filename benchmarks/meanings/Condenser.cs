namespace ToolRuntime.Meanings;

/// <summary>Makes wide vectors narrow: their principal components, found by orthogonal iteration, as unit vectors in 127ths.</summary>
internal static class Condenser
{
    private const int Rounds = 60;

    /// <summary>Each of <paramref name="vectors"/> in <paramref name="width"/> numbers.</summary>
    public static sbyte[][] Condense(float[][] vectors, int width)
    {
        var size = vectors[0].Length;
        var mean = Enumerable.Range(0, size).Select(i => vectors.Average(v => v[i])).ToArray();
        var centred = vectors.Select(v => v.Select((x, i) => x - mean[i]).ToArray()).ToArray();
        var axes = Axes(Covariance(centred, size), size, width);
        return [.. centred.Select(v => Unit([.. axes.Select(a => Dot(a, v))]))];
    }

    private static float[][] Covariance(float[][] vectors, int size)
    {
        var sums = Enumerable.Range(0, size).Select(_ => new float[size]).ToArray();
        foreach (var vector in vectors)
        {
            for (var row = 0; row < size; row++)
            {
                for (var column = 0; column < size; column++)
                {
                    sums[row][column] += vector[row] * vector[column];
                }
            }
        }

        return sums;
    }

    private static float[][] Axes(float[][] covariance, int size, int width)
    {
        var random = new Random(1);
        var axes = Enumerable.Range(0, width).Select(_ => Enumerable.Range(0, size).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray()).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var axis = 0; axis < width; axis++)
            {
                axes[axis] = [.. covariance.Select(row => Dot(row, axes[axis]))];
                for (var other = 0; other < axis; other++)
                {
                    var share = Dot(axes[axis], axes[other]);
                    axes[axis] = [.. axes[axis].Zip(axes[other], (x, y) => x - (share * y))];
                }

                var length = MathF.Sqrt(Dot(axes[axis], axes[axis]));
                axes[axis] = [.. axes[axis].Select(x => x / length)];
            }
        }

        return axes;
    }

    private static sbyte[] Unit(float[] vector)
    {
        var length = MathF.Max(1e-9f, MathF.Sqrt(Dot(vector, vector)));
        return [.. vector.Select(x => (sbyte)MathF.Round(x / length * 127))];
    }

    private static float Dot(float[] left, float[] right)
    {
        var sum = 0f;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
