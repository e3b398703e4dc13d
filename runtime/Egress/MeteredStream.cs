namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// The sandbox's end of a connection: what is read of it goes out, what is written to it comes in. Counts, slows down and stops by the limits
/// that hold now, and puts the connection's idle end off with each byte.
/// </summary>
/// <param name="inner">The stream to the sandbox.</param>
/// <param name="budget">The sandbox's.</param>
/// <param name="policy">The policy that holds now.</param>
/// <param name="used">Called whenever bytes go.</param>
internal sealed class MeteredStream(Stream inner, EgressBudget budget, Func<EgressPolicy> policy, Action used) : DuplexStream
{
    private long _bytesOut;
    private long _bytesIn;

    /// <summary>Bytes out of the sandbox.</summary>
    public long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>Bytes into it.</summary>
    public long BytesIn => Volatile.Read(ref _bytesIn);

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var limits = policy();
        var read = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, TokenBucket.PieceOf(limits.BytesPerSecond, buffer.Length))], cancellationToken);
        if (read == 0)
        {
            return 0;
        }

        used();
        var allowed = budget.Reserve(read, limits.MaximumBytes);
        Interlocked.Add(ref _bytesOut, allowed);
        await budget.WaitAsync(outwards: true, allowed, limits.BytesPerSecond, cancellationToken);
        return allowed > 0 ? allowed : throw Spent(limits);
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var limits = policy();
            var allowed = budget.Reserve(TokenBucket.PieceOf(limits.BytesPerSecond, buffer.Length), limits.MaximumBytes);
            if (allowed == 0)
            {
                throw Spent(limits);
            }

            used();
            await budget.WaitAsync(outwards: false, allowed, limits.BytesPerSecond, cancellationToken);
            await inner.WriteAsync(buffer[..allowed], cancellationToken);
            Interlocked.Add(ref _bytesIn, allowed);
            buffer = buffer[allowed..];
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    private static EgressFailedException Spent(EgressPolicy limits) =>
        new($"the sandbox has used up its {limits.MaximumBytes} bytes") { IsDenied = true, Status = 403 };
}
