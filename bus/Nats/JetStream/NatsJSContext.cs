using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>JetStream over a connection.</summary>
internal sealed class NatsJSContext(NatsConnection connection)
{
    private const string Api = "$JS.API.";

    /// <summary>The connection.</summary>
    public NatsConnection Connection => connection;

    /// <summary>Gives streams that stand the limits that they are asked for with.</summary>
    public bool ChangesLimits { get; init; }

    /// <summary>
    /// Makes a stream, or gives an existing one these limits where <see cref="ChangesLimits"/>. Looks first: a server that is asked to make a stream that stands reserves its limit a second time.
    /// </summary>
    public async ValueTask CreateOrUpdateStreamAsync(StreamConfig config, CancellationToken cancellationToken)
    {
        if (await TryGetStreamAsync(config.Name, cancellationToken) is not { } standing)
        {
            try
            {
                var made = await CallAsync($"STREAM.CREATE.{config.Name}", config, NatsJSJson.Default.StreamConfig, NatsJSJson.Default.StreamInfo, static r => r.Error, cancellationToken);
                Check(config, made.Config);
                return;
            }
            catch (NatsJSApiException)
            {
                // Another process may have made it in between; else the refusal stands.
                standing = await TryGetStreamAsync(config.Name, cancellationToken);
                if (standing is null)
                {
                    throw;
                }
            }
        }

        Check(config, standing.Config);
        if (!ChangesLimits)
        {
            return;
        }

        // A server never changes how many consumers a stream may have: an empty one is made anew, one with messages keeps what it had.
        var consumers = standing.Config!.MaxConsumers;
        if (consumers != config.MaxConsumers && standing.State.Messages == 0)
        {
            await DeleteStreamAsync(config.Name, cancellationToken);
            await CallAsync($"STREAM.CREATE.{config.Name}", config, NatsJSJson.Default.StreamConfig, NatsJSJson.Default.StreamInfo, static r => r.Error, cancellationToken);
        }
        else if (!config.HasLimitsOf(standing.Config))
        {
            await CallAsync($"STREAM.UPDATE.{config.Name}", config with { MaxConsumers = consumers }, NatsJSJson.Default.StreamConfig, NatsJSJson.Default.StreamInfo, static r => r.Error, cancellationToken);
        }
    }

    /// <summary>A stream's state, or null where there is none.</summary>
    public async ValueTask<StreamInfo?> TryGetStreamAsync(string stream, CancellationToken cancellationToken)
    {
        try
        {
            return await GetStreamAsync(stream, cancellationToken);
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode == ApiErrorCode.StreamNotFound)
        {
            return null;
        }
    }

    /// <summary>Fails unless JetStream answers.</summary>
    public ValueTask<ApiResponse> GetAccountInfoAsync(CancellationToken cancellationToken) =>
        CallAsync("INFO", default, NatsJSJson.Default.ApiResponse, static r => r.Error, cancellationToken);

    /// <summary>A stream's state.</summary>
    public ValueTask<StreamInfo> GetStreamAsync(string stream, CancellationToken cancellationToken) =>
        CallAsync($"STREAM.INFO.{stream}", default, NatsJSJson.Default.StreamInfo, static r => r.Error, cancellationToken);

    /// <summary>How many messages a stream holds on the subjects of a filter.</summary>
    public async ValueTask<long> CountMessagesAsync(string stream, string filter, CancellationToken cancellationToken) =>
        (await StandingAsync(stream, filter, cancellationToken)).State.Subjects?.Values.Sum() ?? 0;

    /// <summary>The subjects of a filter on which a stream holds messages.</summary>
    public async ValueTask<IEnumerable<string>> SubjectsAsync(string stream, string filter, CancellationToken cancellationToken) =>
        (await StandingAsync(stream, filter, cancellationToken)).State.Subjects?.Keys ?? [];

    /// <summary>How many messages a stream holds on each subject of a filter.</summary>
    public async ValueTask<IReadOnlyDictionary<string, long>> CountsAsync(string stream, string filter, CancellationToken cancellationToken) =>
        (await StandingAsync(stream, filter, cancellationToken)).State.Subjects ?? new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Removes a stream.</summary>
    public ValueTask<ApiResponse> DeleteStreamAsync(string stream, CancellationToken cancellationToken) =>
        CallAsync($"STREAM.DELETE.{stream}", default, NatsJSJson.Default.ApiResponse, static r => r.Error, cancellationToken);

    /// <summary>Removes the messages of a subject; rare, it holds the stream's lock.</summary>
    public ValueTask<ApiResponse> PurgeStreamAsync(string stream, string subject, CancellationToken cancellationToken) =>
        PurgeStreamAsync(stream, subject, null, cancellationToken);

    /// <summary>Removes the messages of a subject that stand before a sequence.</summary>
    public ValueTask<ApiResponse> PurgeStreamAsync(string stream, string subject, ulong? before, CancellationToken cancellationToken) =>
        CallAsync($"STREAM.PURGE.{stream}", new StreamPurgeRequest(subject, before), NatsJSJson.Default.StreamPurgeRequest, NatsJSJson.Default.ApiResponse, static r => r.Error, cancellationToken);

    /// <summary>Removes one message.</summary>
    public ValueTask<ApiResponse> DeleteMessageAsync(string stream, ulong sequence, CancellationToken cancellationToken) =>
        CallAsync($"STREAM.MSG.DELETE.{stream}", new StreamMsgDeleteRequest(sequence, NoErase: true), NatsJSJson.Default.StreamMsgDeleteRequest, NatsJSJson.Default.ApiResponse, static r => r.Error, cancellationToken);

    /// <summary>Removes one message; false where it is no longer there.</summary>
    public async ValueTask<bool> TryDeleteMessageAsync(string stream, ulong sequence, CancellationToken cancellationToken)
    {
        try
        {
            await DeleteMessageAsync(stream, sequence, cancellationToken);
            return true;
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode is ApiErrorCode.NoMessageFound or ApiErrorCode.SequenceNotFound or ApiErrorCode.MessageDeleteFailed)
        {
            return false;
        }
    }

    /// <summary>Makes a consumer: durable where it has a name, else ephemeral.</summary>
    public ValueTask<ConsumerInfo> CreateOrUpdateConsumerAsync(string stream, ConsumerConfig config, CancellationToken cancellationToken) =>
        CallAsync(
            config.DurableName is null ? $"CONSUMER.CREATE.{stream}" : $"CONSUMER.DURABLE.CREATE.{stream}.{config.DurableName}",
            new ConsumerCreateRequest(stream, config),
            NatsJSJson.Default.ConsumerCreateRequest,
            NatsJSJson.Default.ConsumerInfo,
            static r => r.Error,
            cancellationToken);

    /// <summary>A consumer's state.</summary>
    public ValueTask<ConsumerInfo> GetConsumerAsync(string stream, string consumer, CancellationToken cancellationToken) =>
        CallAsync($"CONSUMER.INFO.{stream}.{consumer}", default, NatsJSJson.Default.ConsumerInfo, static r => r.Error, cancellationToken);

    /// <summary>Removes a consumer.</summary>
    public ValueTask<ApiResponse> DeleteConsumerAsync(string stream, string consumer, CancellationToken cancellationToken) =>
        CallAsync($"CONSUMER.DELETE.{stream}.{consumer}", default, NatsJSJson.Default.ApiResponse, static r => r.Error, cancellationToken);

    /// <summary>Publishes once and waits for the stream's acknowledgement.</summary>
    /// <exception cref="NatsJSApiException">The stream refused it.</exception>
    /// <exception cref="NatsException">Whether it was stored is unknown: publish again with the same message id.</exception>
    public async ValueTask<PubAckResponse> PublishAsync(string subject, ReadOnlyMemory<byte> data, NatsJSPubOpts opts, NatsHeaders headers, CancellationToken cancellationToken)
    {
        var reply = await connection.RequestAsync(subject, data, opts.AddTo(headers), new NatsRequestOpts { Flush = opts.Flush, AnswersInline = opts.AnswersInline }, cancellationToken);
        return Read(reply, NatsJSJson.Default.PubAckResponse, static r => r.Error);
    }

    /// <summary>Publishes until the stream acknowledges or refuses, or the token ends. Needs a message id or an expected sequence to be safe.</summary>
    public async ValueTask<PubAckResponse> PublishUntilStoredAsync(string subject, ReadOnlyMemory<byte> data, NatsJSPubOpts opts, NatsHeaders headers, TimeProvider time, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromMilliseconds(25);
        while (true)
        {
            try
            {
                return await PublishAsync(subject, data, opts, headers, cancellationToken);
            }
            catch (NatsException error) when (error is NatsNoRespondersException or NatsTimeoutException or NatsConnectionFailedException)
            {
                await Task.Delay(wait, time, cancellationToken);
                wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, TimeSpan.TicksPerSecond));
            }
        }
    }

    /// <summary>The last message of a subject, or null. One round trip, no scan.</summary>
    public ValueTask<NatsMsg?> GetLastAsync(string stream, string subject, CancellationToken cancellationToken) => GetLastAsync(stream, subject, default, cancellationToken);

    /// <summary>The same, in a way of its own.</summary>
    public async ValueTask<NatsMsg?> GetLastAsync(string stream, string subject, NatsRequestOpts opts, CancellationToken cancellationToken) =>
        Stored(await connection.RequestAsync($"{Api}DIRECT.GET.{stream}.{subject}", default, default, opts, cancellationToken));

    /// <summary>The message at a sequence, or null where it is gone.</summary>
    public ValueTask<NatsMsg?> GetDirectAsync(string stream, StreamMsgGetRequest request, CancellationToken cancellationToken) => GetDirectAsync(stream, request, default, cancellationToken);

    /// <summary>The same, in a way of its own.</summary>
    public async ValueTask<NatsMsg?> GetDirectAsync(string stream, StreamMsgGetRequest request, NatsRequestOpts opts, CancellationToken cancellationToken) =>
        Stored(await connection.RequestAsync($"{Api}DIRECT.GET.{stream}", JsonSerializer.SerializeToUtf8Bytes(request, NatsJSJson.Default.StreamMsgGetRequest), default, opts, cancellationToken));

    private void Check(StreamConfig asked, StreamConfig? made)
    {
        if (asked.Missing(made) is { } field)
        {
            throw new NatsProtocolViolationException(
                $"stream {asked.Name}: the server ({connection.ServerInfo.Version}) has not the {field} that this product needs; it is too old, or the stream was made by somebody else: remove it, and it is made anew");
        }
    }

    private ValueTask<StreamInfo> StandingAsync(string stream, string filter, CancellationToken cancellationToken) => CallAsync(
        $"STREAM.INFO.{stream}", new StreamInfoRequest(filter), NatsJSJson.Default.StreamInfoRequest, NatsJSJson.Default.StreamInfo, static r => r.Error, cancellationToken);

    private static NatsMsg? Stored(NatsMsg reply) => reply.Headers.Code switch
    {
        0 => reply with { Subject = reply.Headers["Nats-Subject"u8] ?? "" },
        404 => null,
        var code => throw new NatsJSApiException(new ApiError { Code = code, Description = $"direct get: {reply.Headers.Description}" }),
    };

    private ValueTask<TResponse> CallAsync<TRequest, TResponse>(
        string call, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResponse> responseType, Func<TResponse, ApiError?> error, CancellationToken cancellationToken) =>
        CallAsync(call, JsonSerializer.SerializeToUtf8Bytes(request, requestType), responseType, error, cancellationToken);

    private async ValueTask<TResponse> CallAsync<TResponse>(
        string call, ReadOnlyMemory<byte> request, JsonTypeInfo<TResponse> responseType, Func<TResponse, ApiError?> error, CancellationToken cancellationToken)
    {
        var reply = await connection.RequestAsync(Api + call, request, default, cancellationToken);
        return Read(reply, responseType, error);
    }

    private static TResponse Read<TResponse>(NatsMsg reply, JsonTypeInfo<TResponse> type, Func<TResponse, ApiError?> error)
    {
        try
        {
            var response = JsonSerializer.Deserialize(reply.Data.Span, type) ?? throw new NatsProtocolViolationException("JetStream answered null");
            return error(response) is { } refused ? throw new NatsJSApiException(refused) : response;
        }
        catch (JsonException broken)
        {
            throw new NatsProtocolViolationException($"JetStream's answer is no JSON: {broken.Message}");
        }
    }
}
