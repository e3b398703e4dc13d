namespace ToolRuntime.Sdk.Worker;

/// <summary>Methods of the shapes that scripts have.</summary>
internal sealed class WarmUpTools
{
    /// <summary>An enum.</summary>
    internal enum Color
    {
        Red,
    }

    /// <summary>A record with a nullable member.</summary>
    internal sealed record Point(double X, double? Y, Color Color);

    /// <summary>Plain values.</summary>
    public static double Add(double a, double b = 1)
    {
        Console.WriteLine(a);
        return a + b;
    }

    /// <summary>A record, a list, context and cancellation, awaited.</summary>
    public static async Task<Point> MoveAsync(Point point, List<string> names, int? count, Context context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        context.Log($"{names.Count} {count}");
        return point;
    }

    /// <summary>Pieces.</summary>
    public static IEnumerable<int> Count(int to)
    {
        for (var i = 0; i < to; i++)
        {
            yield return i;
        }
    }

    /// <summary>An error of user code.</summary>
    public static void Fail() => throw new InvalidOperationException("warm-up");
}
