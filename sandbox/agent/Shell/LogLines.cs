using System.Buffers;
using System.Text;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>Standard error of a call: whole lines go to the host as they come, the end is kept for the error.</summary>
internal sealed class LogLines(uint number, WorkerOutput output)
{
    private const int LongestLine = 64 * 1024;
    private const int Kept = 4096;
    private readonly ArrayBufferWriter<byte> _line = new();
    private string _tail = "";

    /// <summary>The last lines, at most 4 KiB.</summary>
    internal string Tail => _tail;

    /// <summary>The last line that says something.</summary>
    internal string Last => _tail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

    internal void Append(ReadOnlySpan<byte> data)
    {
        var end = data.LastIndexOf((byte)'\n') + 1;
        _line.Write(data[..end]);
        if (end > 0 || _line.WrittenCount > LongestLine)
        {
            Flush();
        }

        _line.Write(data[end..]);
    }

    internal void Flush()
    {
        if (_line.WrittenCount == 0)
        {
            return;
        }

        var text = Encoding.UTF8.GetString(_line.WrittenSpan);
        _line.ResetWrittenCount();
        _tail = (_tail + text) is { Length: > Kept } longer ? longer[^Kept..] : _tail + text;
        output.Send(WorkerFrameType.Log, number, json =>
        {
            json.WriteString("stream"u8, "stderr");
            json.WriteString("level"u8, "info");
            json.WriteString("text"u8, text);
        });
    }
}
