using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ToolRuntime.OpenApi.Search.Meaning;

/// <summary>
/// Where stems stand in a space in which those of like meaning are near one another. Condensed once from a sentence encoder
/// (benchmarks/meanings says how); a row is a unit vector in 127ths.
/// </summary>
public sealed class MeaningTable
{
    private const string Resource = "ToolRuntime.OpenApi.Search.meanings.bin";

    private static readonly Lazy<MeaningTable> s_standard = new(() =>
    {
        using var stream = typeof(MeaningTable).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidDataException("the meanings are not in the assembly");
        return Read(stream);
    });

    private readonly Dictionary<string, int> _rows;
    private readonly sbyte[] _values;

    private MeaningTable(Dictionary<string, int> rows, sbyte[] values, int width) => (_rows, _values, Width) = (rows, values, width);

    /// <summary>The one that the product brings.</summary>
    public static MeaningTable Standard => s_standard.Value;

    /// <summary>Dimensions of the space.</summary>
    public int Width { get; }

    /// <summary>How many stems it knows.</summary>
    public int Count => _rows.Count;

    /// <summary>Where <paramref name="stem"/> stands, or empty where it is not known.</summary>
    public ReadOnlySpan<sbyte> Of(string stem) => _rows.TryGetValue(stem, out var row) ? _values.AsSpan(row * Width, Width) : [];

    /// <summary>Reads a table: brotli over width and count (32 bits, little-endian), stems (a length byte and ASCII each), then the rows.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such table.</exception>
    public static MeaningTable Read(Stream stream)
    {
        using var brotli = new BrotliStream(stream, CompressionMode.Decompress);
        Span<byte> header = stackalloc byte[8];
        brotli.ReadExactly(header);
        var width = BinaryPrimitives.ReadInt32LittleEndian(header);
        var count = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (width is < 1 or > 1024 || count is < 0 or > 1_000_000)
        {
            throw new InvalidDataException($"{count} rows of {width}");
        }

        var rows = new Dictionary<string, int>(count, StringComparer.Ordinal);
        Span<byte> word = stackalloc byte[255];
        for (var row = 0; row < count; row++)
        {
            brotli.ReadExactly(header[..1]);
            brotli.ReadExactly(word[..header[0]]);
            rows[Encoding.ASCII.GetString(word[..header[0]])] = row;
        }

        var values = new sbyte[count * width];
        brotli.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return new MeaningTable(rows, values, width);
    }

    /// <summary>Writes what <see cref="Read"/> reads.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="rows">Stems, and where they stand, all of one length.</param>
    public static void Write(Stream stream, IReadOnlyList<(string Stem, sbyte[] Row)> rows)
    {
        using var brotli = new BrotliStream(stream, CompressionLevel.SmallestSize, leaveOpen: true);
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(header, rows[0].Row.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], rows.Count);
        brotli.Write(header);
        foreach (var (stem, _) in rows)
        {
            brotli.WriteByte((byte)stem.Length);
            brotli.Write(Encoding.ASCII.GetBytes(stem));
        }

        foreach (var (_, row) in rows)
        {
            brotli.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }
}
