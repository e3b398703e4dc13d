using System.Text.Json;

using ToolRuntime.Sdk.Protocol;

namespace ToolRuntime.Sdk.Worker;

/// <summary>What an iterator yields: sent at once where the call streams, and kept for the result up to the output limit.</summary>
internal sealed class Pieces : IDisposable
{
    private readonly CallContext _context;
    private readonly Type _type;
    private readonly long _limit;
    private readonly bool _streams;
    private readonly MemoryStream _kept = new();
    private readonly Utf8JsonWriter _json;
    private bool _over;

    /// <summary>Keeps at most <paramref name="limit"/> bytes of pieces of one type.</summary>
    public Pieces(CallContext context, Type type, long limit, bool streams)
    {
        _context = context;
        _type = type;
        _limit = limit;
        _streams = streams;
        _json = new Utf8JsonWriter(_kept, JsonForm.WriterOptions);
        _json.WriteStartArray();
    }

    /// <summary>Takes one.</summary>
    /// <exception cref="TooLargeException">There are too many for the result, and nobody reads them as they come.</exception>
    public void Add(object? piece)
    {
        _context.Emit(piece);
        if (_over)
        {
            return;
        }

        Results.WriteValue(_json, piece, _type == typeof(object) ? piece?.GetType() ?? _type : _type);
        if (_json.BytesCommitted + _json.BytesPending <= _limit)
        {
            return;
        }

        if (!_streams)
        {
            throw new TooLargeException($"the pieces amount to more than {_limit} bytes: stream the call, or give fewer");
        }

        _over = true;
        _context.Log($"[result truncated: the pieces amount to more than {_limit} bytes]", "warning");
    }

    /// <summary>The JSON array of those that were kept.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        _json.WriteEndArray();
        _json.Flush();
        return _kept.GetBuffer().AsSpan(0, (int)_kept.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _kept.Dispose();
    }
}
