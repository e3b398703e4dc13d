using System.Text;

using ToolRuntime.Runtime.Sandboxes;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>Gathers a process's stderr into lines for the function's logs.</summary>
internal sealed class StderrLines(WorkerOutput output)
{
    private const int MaximumLine = 16 << 10;
    private const int TailLines = 20;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _partial = new();
    private readonly Queue<string> _last = new();

    /// <summary>The last lines.</summary>
    public string Tail => string.Join('\n', _last.Append(_partial.ToString()));

    /// <summary>Takes bytes; whole lines are kept at once, a longer line in pieces.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, characters, flush: false);
        foreach (var character in characters)
        {
            if (character != '\n')
            {
                _partial.Append(character);
            }

            if (character == '\n' || _partial.Length >= MaximumLine)
            {
                Keep(_partial.ToString());
                _partial.Clear();
            }
        }
    }

    private void Keep(string line)
    {
        output.Keep("", "stderr", "info", line);
        _last.Enqueue(line);
        if (_last.Count > TailLines)
        {
            _last.Dequeue();
        }
    }
}
