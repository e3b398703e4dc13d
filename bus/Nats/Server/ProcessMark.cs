using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ToolRuntime.Bus.Nats.Server;

/// <summary>A process named so that a reused number is not taken for it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="StartTime">Clock ticks since boot at its start, field 22 of <c>/proc/{id}/stat</c>.</param>
public readonly partial record struct ProcessMark(int Id, ulong StartTime)
{
    private const int StartTimeField = 22;
    private const int Terminate = 15;

    /// <summary>The mark of a live process, or null.</summary>
    public static ProcessMark? Of(int id)
    {
        try
        {
            return ParseStartTime(File.ReadAllText($"/proc/{id}/stat")) is { } started ? new ProcessMark(id, started) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it is something else.</summary>
    public static ProcessMark? Parse(string text)
    {
        var parts = text.Trim().Split(' ');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
            ? new ProcessMark(id, started)
            : null;
    }

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => Of(Id) == this;

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {StartTime}";

    /// <summary>Asks it to end, and after <paramref name="patience"/> ends it: a server whose disk is full does not hear.</summary>
    public async ValueTask EndAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!IsAlive)
        {
            return;
        }

        using var process = Process.GetProcessById(Id);
        _ = Kill(Id, Terminate);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), waiting, patience, Timeout.InfiniteTimeSpan);
        try
        {
            await process.WaitForExitAsync(waiting.Token);
        }
        catch (OperationCanceledException)
        {
            if (IsAlive)
            {
                process.Kill();
                await process.WaitForExitAsync(cancellationToken);
            }
        }
    }

    /// <summary>The start time in the text of <c>/proc/{id}/stat</c>; the program's name may hold blanks and brackets. Null for a zombie.</summary>
    internal static ulong? ParseStartTime(string stat)
    {
        var afterName = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int FieldsBefore = 3;
        return afterName.Length > StartTimeField - FieldsBefore
            && afterName[0] is not ("Z" or "X")
            && ulong.TryParse(afterName[StartTimeField - FieldsBefore], NumberStyles.None, CultureInfo.InvariantCulture, out var started)
            ? started
            : null;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);
}
