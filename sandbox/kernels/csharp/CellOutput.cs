using System.Text;
using System.Text.Json;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>What a cell prints, and what anything writes to the descriptors 1 and 2, as events in the order of writing. Bounded by nothing, for the pipe to the host blocks.</summary>
internal sealed class CellOutput(FrameChannel channel)
{
    private const int Piece = 64 << 10;
    private const int MostDrained = 2 << 20;
    private static readonly string[] s_names = ["stdout", "stderr"];

    private readonly Lock _gate = new();
    private readonly Decoder[] _decoders = [Encoding.UTF8.GetDecoder(), Encoding.UTF8.GetDecoder()];
    private readonly byte[] _bytes = new byte[Piece];
    private readonly char[] _characters = new char[Piece + 4];
    private int[] _sources = [];
    private uint _call;

    /// <summary>Takes over the console and the descriptors 1 and 2.</summary>
    public void Install()
    {
        _sources = [Descriptors.Replace(1), Descriptors.Replace(2)];
        Console.SetOut(new CellWriter(this, s_names[0]));
        Console.SetError(new CellWriter(this, s_names[1]));
        new Thread(ReadDescriptors) { IsBackground = true, Name = "descriptors" }.Start();
    }

    /// <summary>What comes from here on belongs to <paramref name="call"/>; 0 is none.</summary>
    public void Begin(uint call)
    {
        lock (_gate)
        {
            Drain();
            _call = call;
        }
    }

    /// <summary>Sends all that was written; what comes later belongs to no call.</summary>
    public void End()
    {
        Console.Out.Flush();
        Console.Error.Flush();
        Begin(0);
    }

    /// <summary>Sends printed text.</summary>
    public void Write(string stream, ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            Drain();
            SendText(stream, text);
        }
    }

    /// <summary>Sends an event after what was written before it.</summary>
    public void Event(string type, Action<Utf8JsonWriter> write)
    {
        Console.Out.Flush();
        Console.Error.Flush();
        lock (_gate)
        {
            Drain();
            Send(type, write);
        }
    }

    private void SendText(string stream, ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            var piece = text[..Math.Min(text.Length, Piece)].ToString();
            Send(stream, json => json.WriteString("text"u8, piece));
            text = text[piece.Length..];
        }
    }

    private void Send(string type, Action<Utf8JsonWriter> write) => channel.Send(KernelFrame.Event, _call, json =>
    {
        json.WriteString("type"u8, type);
        write(json);
    });

    // At most what the pipes hold: a child may write on for ever.
    private void Drain()
    {
        for (var left = MostDrained; left > 0 && _sources.Length > 0;)
        {
            var ready = Descriptors.Wait(_sources[0], _sources[1], 0);
            if (!ready.First && !ready.Second)
            {
                return;
            }

            left -= (ready.First ? ReadOne(0) : 0) + (ready.Second ? ReadOne(1) : 0);
        }
    }

    private int ReadOne(int which)
    {
        var count = Descriptors.Read(_sources[which], _bytes);
        var length = _decoders[which].GetChars(_bytes.AsSpan(0, count), _characters, flush: false);
        SendText(s_names[which], _characters.AsSpan(0, length));
        return Math.Max(1, count);
    }

    private void ReadDescriptors()
    {
        while (true)
        {
            Descriptors.Wait(_sources[0], _sources[1], -1);
            lock (_gate)
            {
                Drain();
            }
        }
    }
}
