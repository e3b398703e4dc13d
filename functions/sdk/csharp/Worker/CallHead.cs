using System.Buffers.Binary;
using System.Text.Json;

namespace ToolRuntime.Sdk.Worker;

/// <summary>What CALL says beside the arguments.</summary>
internal sealed class CallHead
{
    private const int PrefixLength = sizeof(uint);
    private const string Nothing = "";

    /// <summary>The tool's entry.</summary>
    public string Entry { get; private set; } = Nothing;

    /// <summary>The tool's name.</summary>
    public string Tool { get; private set; } = Nothing;

    /// <summary>The invocation's id.</summary>
    public string Invocation { get; private set; } = Nothing;

    /// <summary>The session's id.</summary>
    public string Session { get; private set; } = Nothing;

    /// <summary>The caller's tenant.</summary>
    public string Tenant { get; private set; } = Nothing;

    /// <summary>The function's name.</summary>
    public string Function { get; private set; } = Nothing;

    /// <summary>1 for the first run.</summary>
    public int Attempt { get; private set; } = 1;

    /// <summary>What is left until the deadline, or null.</summary>
    public TimeSpan? Left { get; private set; }

    /// <summary>W3C traceparent, or null.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>Whether somebody reads pieces.</summary>
    public bool Stream { get; private set; }

    /// <summary>State of an earlier attempt, or null.</summary>
    public JsonElement? Checkpoint { get; private set; }

    /// <summary>Reads the head; the arguments are what follows it.</summary>
    public static CallHead Parse(ReadOnlySpan<byte> payload, out int argumentsAt)
    {
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(payload);
        argumentsAt = PrefixLength + length;
        var head = new CallHead();
        var reader = new Utf8JsonReader(payload.Slice(PrefixLength, length));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            head.Take(ref reader);
        }

        return head;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        switch (name)
        {
            case "entry":
                Entry = reader.GetString() ?? Nothing;
                break;
            case "tool":
                Tool = reader.GetString() ?? Nothing;
                break;
            case "invocation":
                Invocation = reader.GetString() ?? Nothing;
                break;
            case "session":
                Session = reader.GetString() ?? Nothing;
                break;
            case "tenant":
                Tenant = reader.GetString() ?? Nothing;
                break;
            case "function":
                Function = reader.GetString() ?? Nothing;
                break;
            default:
                TakeOther(name, ref reader);
                break;
        }
    }

    private void TakeOther(string? name, ref Utf8JsonReader reader)
    {
        switch (name)
        {
            case "attempt":
                Attempt = reader.GetInt32();
                break;
            case "deadlineMs":
                Left = TimeSpan.FromMilliseconds(Math.Max(0, reader.GetDouble()));
                break;
            case "traceparent":
                TraceParent = reader.GetString();
                break;
            case "stream":
                Stream = reader.GetBoolean();
                break;
            case "checkpoint":
                Checkpoint = JsonElement.ParseValue(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }
}
