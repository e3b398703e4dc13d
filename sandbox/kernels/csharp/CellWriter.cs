using System.Text;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>Console.Out or Console.Error: one print is one event; a part of a line waits for its end, but not long.</summary>
internal sealed class CellWriter : TextWriter
{
    private const int Longest = 64 << 10;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(20);
    private readonly CellOutput _output;
    private readonly string _stream;
    private readonly StringBuilder _part = new();
    private readonly ITimer _timer;

    /// <summary>Writes to <paramref name="stream"/> of <paramref name="output"/>.</summary>
    public CellWriter(CellOutput output, string stream)
        : base(System.Globalization.CultureInfo.InvariantCulture)
    {
        (_output, _stream) = (output, stream);
        _timer = TimeProvider.System.CreateTimer(static self => ((CellWriter)self!).Flush(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(string.Concat(value, "\n"));

    /// <inheritdoc/>
    public override void WriteLine() => Write("\n");

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (buffer.IsEmpty)
        {
            return;
        }

        Interrupts.Check();
        lock (_part)
        {
            Take(buffer);
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        lock (_part)
        {
            FlushPart();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _timer.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<char> text)
    {
        var isWhole = text[^1] == '\n';
        if (_part.Length == 0 && isWhole)
        {
            _output.Write(_stream, text);
            return;
        }

        _part.Append(text);
        if (isWhole || _part.Length > Longest)
        {
            FlushPart();
        }
        else
        {
            _timer.Change(s_patience, Timeout.InfiniteTimeSpan);
        }
    }

    private void FlushPart()
    {
        if (_part.Length > 0)
        {
            var text = _part.ToString();
            _part.Clear();
            _output.Write(_stream, text);
        }
    }
}
