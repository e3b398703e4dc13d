using System.Globalization;
using System.Text;

namespace ToolRuntime.Sandbox.Archives;

/// <summary>What stands before an entry's content (POSIX.1-2017, pax: ustar interchange format, and pax records for what does not fit into it).</summary>
internal static class TarHeader
{
    /// <summary>Bytes of a block: of a header, and what contents are filled up to.</summary>
    public const int Block = 512;

    private const int LongestName = 100;
    private const long LargestId = 0x1F_FFFF;
    private const long LargestNumber = 0x1_FFFF_FFFF;
    private const char Records = 'x';

    /// <summary>The blocks before the content of <paramref name="item"/>.</summary>
    public static byte[] Of(TarItem item)
    {
        using var blocks = new MemoryStream();
        var records = RecordsOf(item);
        if (records.Length > 0)
        {
            blocks.Write(BlockOf(new TarItem(Records, "PaxHeaders") { Size = records.Length }));
            blocks.Write(records);
            blocks.Write(new byte[Filling(records.Length)]);
        }

        blocks.Write(BlockOf(item));
        return blocks.ToArray();
    }

    /// <summary>Zeros that follow a content of <paramref name="length"/>.</summary>
    public static int Filling(long length) => (int)((Block - (length % Block)) % Block);

    private static byte[] RecordsOf(TarItem item)
    {
        using var records = new MemoryStream();
        AddText(records, "path", item.Name);
        AddText(records, "linkpath", item.Target);
        AddNumber(records, "size", item.Size, LargestNumber);
        AddNumber(records, "uid", item.User, LargestId);
        AddNumber(records, "gid", item.Group, LargestId);
        foreach (var (name, value) in item.Attributes)
        {
            // What GNU tar and all who read layers use.
            Add(records, "SCHILY.xattr." + name, value);
        }

        return records.ToArray();
    }

    private static void AddText(MemoryStream records, string key, string value)
    {
        if (!Ascii.IsValid(value) || value.Length > LongestName)
        {
            Add(records, key, Encoding.UTF8.GetBytes(value));
        }
    }

    private static void AddNumber(MemoryStream records, string key, long value, long largest)
    {
        if (value > largest)
        {
            Add(records, key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
        }
    }

    // A record begins with its own length, that number included.
    private static void Add(MemoryStream records, string key, byte[] value)
    {
        var rest = 1 + Encoding.UTF8.GetByteCount(key) + 1 + value.Length + 1;
        var length = rest + Digits(rest);
        length = rest + Digits(length);
        records.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}=")));
        records.Write(value);
        records.WriteByte((byte)'\n');
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private static byte[] BlockOf(TarItem item)
    {
        var block = new byte[Block];
        Text(block.AsSpan(0, LongestName), item.Name);
        Octal(block.AsSpan(100, 8), item.Mode, LargestId);
        Octal(block.AsSpan(108, 8), item.User, LargestId);
        Octal(block.AsSpan(116, 8), item.Group, LargestId);
        Octal(block.AsSpan(124, 12), item.Size, LargestNumber);
        Octal(block.AsSpan(136, 12), Math.Clamp(item.Modified, 0, LargestNumber), LargestNumber);
        block[156] = (byte)item.Type;
        Text(block.AsSpan(157, LongestName), item.Target);
        "ustar\000"u8.CopyTo(block.AsSpan(257));

        // The sum counts its own field as spaces.
        var sum = (8 * ' ') + block.Sum(b => b);
        Octal(block.AsSpan(148, 7), sum, LargestId);
        block[155] = (byte)' ';
        return block;
    }

    // A longer or other one stands in a record, which readers take instead.
    private static void Text(Span<byte> field, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        bytes.AsSpan(0, Math.Min(bytes.Length, field.Length)).CopyTo(field);
    }

    private static void Octal(Span<byte> field, long value, long largest)
    {
        var digits = Convert.ToString(value > largest ? 0 : value, 8).PadLeft(field.Length - 1, '0');
        Encoding.ASCII.GetBytes(digits, field);
    }
}
