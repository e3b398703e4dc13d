using System.Text;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>Text that something prints, as far as a result may hold it: its beginning and, after a mark, its end.</summary>
internal sealed class BoundedText
{
    private const int MostAtStart = 96 * 1024;
    private const int MostAtEnd = 32 * 1024;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _start = new();
    private readonly StringBuilder _end = new();
    private long _left;

    /// <summary>Adds bytes of UTF-8, in pieces that may end within a character; gives the text of this piece.</summary>
    public string Add(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var text = new string(characters, 0, _decoder.GetChars(bytes, characters, flush: false));
        Add(text);
        return text;
    }

    /// <summary>Adds text.</summary>
    public void Add(string text)
    {
        var room = Math.Min(text.Length, MostAtStart - _start.Length);
        _start.Append(text, 0, room);
        _end.Append(text, room, text.Length - room);
        if (_end.Length > 2 * MostAtEnd)
        {
            _left += _end.Length - MostAtEnd;
            _end.Remove(0, _end.Length - MostAtEnd);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _left == 0 ? $"{_start}{_end}" : $"{_start}\n[… {_left} characters left out …]\n{_end}";
}
