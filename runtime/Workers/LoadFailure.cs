using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Workers;

/// <summary>What LOAD_FAILED says.</summary>
internal sealed record LoadFailure(string? Message, string? Detail, int? Line)
{
    private const int MaximumMessage = 4 << 10;
    private const int MaximumDetail = 16 << 10;

    /// <summary>As a fault, cut to the fault's limits. A worker that names a line alone means the file <paramref name="entry"/>.</summary>
    public FunctionFault ToFault(string entry)
    {
        var message = string.IsNullOrEmpty(Message) ? "the function could not be loaded" : Message;
        var at = Line is { } line && !message.Contains($":{line}:", StringComparison.Ordinal) ? $"{entry}:{line}: " : "";
        return new FunctionFault(FaultCode.LoadFailed, Cut(at + message, MaximumMessage)!, null, Cut(Detail, MaximumDetail));
    }

    /// <summary>The first <paramref name="length"/> characters.</summary>
    public static string? Cut(string? text, int length) => text is null || text.Length <= length ? text : text[..length];
}
