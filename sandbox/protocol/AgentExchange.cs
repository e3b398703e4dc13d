using System.Text.Json.Serialization.Metadata;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>
/// The messages at the beginning of a stream of the agent's channel, whatever carries it: the host's own end of the channel, or a pipe to
/// the runtime that holds the sandbox.
/// </summary>
public static class AgentExchange
{
    /// <summary>Writes the request and reads the reply; afterwards the stream carries what the operation says.</summary>
    /// <exception cref="AgentException">The agent refused.</exception>
    /// <exception cref="InvalidDataException">What came is no reply.</exception>
    /// <exception cref="IOException">The stream ended before the reply.</exception>
    public static async ValueTask<AgentReply> OpenAsync(Stream stream, AgentRequest request, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encode(request), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return await ReadReplyAsync(stream, request.Op, cancellationToken);
    }

    /// <summary>A request as it is written.</summary>
    /// <exception cref="InvalidDataException">It is larger than <see cref="MessageFraming.Maximum"/>.</exception>
    public static byte[] Encode(AgentRequest request) => MessageFraming.Encode(request, AgentJson.Default.AgentRequest);

    /// <summary>Reads a reply: the first, the second one of <c>fs.write</c>, or the next part of a list.</summary>
    /// <exception cref="AgentException">The agent refused <paramref name="operation"/>.</exception>
    /// <exception cref="InvalidDataException">What came is no reply.</exception>
    /// <exception cref="IOException">The stream ended before it.</exception>
    public static async ValueTask<AgentReply> ReadReplyAsync(Stream stream, string operation, CancellationToken cancellationToken)
    {
        var reply = await ReadAsync(stream, AgentJson.Default.AgentReply, cancellationToken)
            ?? throw new EndOfStreamException($"The stream ended before the reply to {operation}.");
        return reply.Ok ? reply : throw new AgentException(operation, reply);
    }

    /// <summary>Asks for a list (<c>fs.list</c>, <c>processes</c>) and reads all of its parts into one reply.</summary>
    /// <exception cref="AgentException">The agent refused.</exception>
    /// <exception cref="InvalidDataException">What came is no list, or a longer one than an agent sends.</exception>
    public static async ValueTask<AgentReply> ListAsync(Stream stream, AgentRequest request, CancellationToken cancellationToken) =>
        await ReadRestAsync(stream, request.Op, await OpenAsync(stream, request, cancellationToken), cancellationToken);

    /// <summary>Reads the parts of a list that follow <paramref name="first"/>.</summary>
    /// <exception cref="InvalidDataException">What came is no list, or a longer one than an agent sends.</exception>
    public static async ValueTask<AgentReply> ReadRestAsync(Stream stream, string operation, AgentReply first, CancellationToken cancellationToken)
    {
        if (!first.More)
        {
            return first;
        }

        List<AgentFile> entries = [.. first.Entries ?? []];
        List<AgentProcessEntry> processes = [.. first.Processes ?? []];
        var last = first;
        while (last.More)
        {
            last = await ReadReplyAsync(stream, operation, cancellationToken);
            entries.AddRange(last.Entries ?? []);
            processes.AddRange(last.Processes ?? []);
            if (entries.Count + processes.Count > AgentLists.MostEntries || last is { More: true, Entries: not { Count: > 0 }, Processes: not { Count: > 0 } })
            {
                throw new InvalidDataException($"The agent sends a list of more than {AgentLists.MostEntries} entries, or parts without any.");
            }
        }

        return last with { Entries = first.Entries is null ? null : entries, Processes = first.Processes is null ? null : processes };
    }

    /// <summary>The next event of a watch, or null when the stream has ended.</summary>
    /// <exception cref="InvalidDataException">What came is no event.</exception>
    public static ValueTask<AgentFileEvent?> ReadEventAsync(Stream stream, CancellationToken cancellationToken) =>
        ReadAsync(stream, AgentJson.Default.AgentFileEvent, cancellationToken);

    /// <summary>Reads the request at the beginning of a stream: for who answers in an agent's place.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="IOException">The stream ended before.</exception>
    public static async ValueTask<AgentRequest> ReadRequestAsync(Stream stream, CancellationToken cancellationToken) =>
        await ReadAsync(stream, AgentJson.Default.AgentRequest, cancellationToken) ?? throw new EndOfStreamException("The stream ended before its request.");

    /// <summary>Reads what a stream that the agent has opened asks for.</summary>
    /// <exception cref="InvalidDataException">It is nothing that may be asked.</exception>
    /// <exception cref="IOException">The stream ended before.</exception>
    public static async ValueTask<EgressRequest> ReadEgressAsync(Stream stream, CancellationToken cancellationToken)
    {
        var request = await ReadAsync(stream, AgentJson.Default.EgressRequest, cancellationToken) ?? throw new EndOfStreamException("The stream ended before its request.");
        return request.IsValid ? request : throw new InvalidDataException("The agent opened a stream and asks for nothing that it may.");
    }

    /// <summary>Answers a stream that the agent has opened.</summary>
    public static async ValueTask ReplyAsync(Stream stream, AgentReply reply, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(MessageFraming.Encode(reply, AgentJson.Default.AgentReply), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    private static async ValueTask<T?> ReadAsync<T>(Stream stream, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var prefix = new byte[4];
        var read = await stream.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        if (read < prefix.Length)
        {
            throw new EndOfStreamException("The stream ended inside of a message.");
        }

        // Gathered as it comes: a length that is only announced costs nothing.
        var length = MessageFraming.ReadLength(prefix);
        var json = new byte[Math.Min(length, 4096)];
        for (var filled = 0; filled < length;)
        {
            if (filled == json.Length)
            {
                Array.Resize(ref json, Math.Min(length, json.Length * 2));
            }

            var piece = await stream.ReadAsync(json.AsMemory(filled), cancellationToken);
            filled += piece > 0 ? piece : throw new EndOfStreamException("The stream ended inside of a message.");
        }

        return MessageFraming.Decode(json, type);
    }
}
