using System.Collections.Concurrent;

using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Interpreter;

/// <summary>
/// Contexts of sandboxes. A context is a resident worker of its sandbox, so that it outlives every gateway; what this one keeps is its open
/// connection. Once a language was used in a sandbox, a spare kernel of it is started there while nobody waits, and the next context takes it.
/// </summary>
public sealed class Kernels(SandboxClient client, TimeProvider time) : IAsyncDisposable
{
    private const int SignalInterrupt = 2;
    private const string SparePrefix = "spare.";
    private const string DefaultCwd = "/home/user";
    private static readonly TimeSpan s_interrupt = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_interruptAgain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_alive = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_aliveAgain = TimeSpan.FromMilliseconds(20);
    private static readonly byte[] s_revived =
        """{"type":"error","name":"ContextRestarting","value":"the kernel ended while the code ran; it was started again, without its variables","traceback":"ContextRestarting: the kernel ended while the code ran; it was started again, without its variables"}"""u8.ToArray();
    private readonly KernelProcesses _processes = new(client, time);
    private readonly ConcurrentDictionary<(string Sandbox, string Context), KernelConnection> _open = new();
    private readonly ConcurrentDictionary<(string Sandbox, string Language), string> _spares = new();

    /// <summary>A sandbox's contexts. Where the resident one is, JavaScript's is listed too, whether it has started or not.</summary>
    public async Task<IReadOnlyList<KernelContext>> ListAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        var all = await RunningAsync(sandbox, cancellationToken);
        var resident = all.FindIndex(c => c.Id == KernelContext.Resident);
        if (resident >= 0 && all.TrueForAll(c => c.Id != KernelContext.OnDemand))
        {
            all.Insert(resident + 1, new KernelContext(KernelContext.OnDemand, LanguageOf(KernelContext.OnDemand), DefaultCwd));
        }

        return all;
    }

    /// <summary>A context, or null. The one that is listed before it has started is started.</summary>
    public async Task<KernelContext?> FindAsync(SandboxRecord sandbox, string id, CancellationToken cancellationToken) =>
        await FindRunningAsync(sandbox, id, cancellationToken)
        ?? (id == KernelContext.OnDemand ? await CreateAsync(sandbox, LanguageOf(id), null, id, cancellationToken) : null);

    /// <summary>The context of a language that code goes to where no context is named; made with its first use.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: the language is not known. LoadFailed: its kernel does not start.</exception>
    public async Task<KernelContext> DefaultAsync(SandboxRecord sandbox, string language, CancellationToken cancellationToken)
    {
        var id = $"{Language(language).Name}.default";
        return await FindRunningAsync(sandbox, id, cancellationToken) ?? await CreateAsync(sandbox, language, null, id, cancellationToken);
    }

    /// <summary>Makes a context.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: the language is not known, or the folder cannot be made. LoadFailed: its kernel does not start.</exception>
    public async Task<KernelContext> CreateAsync(SandboxRecord sandbox, string language, string? cwd, string? id, CancellationToken cancellationToken)
    {
        var kind = Language(language);
        var context = new KernelContext(id ?? $"{kind.Name}.{Ids.New()}", kind.Name, cwd ?? DefaultCwd);
        if (cwd is not null and not DefaultCwd)
        {
            await _processes.MakeFolderAsync(sandbox, cwd, cancellationToken);
            await StartAsync(sandbox, context, cancellationToken);
        }
        else if (!await TakeSpareAsync(sandbox, kind, context, cancellationToken))
        {
            await StartAsync(sandbox, context, cancellationToken);
        }

        _ = PrepareSpareAsync(sandbox, kind);
        return context;
    }

    /// <summary>Ends a context's kernel and starts it anew; false where there is no such context.</summary>
    public async Task<bool> RestartAsync(SandboxRecord sandbox, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(sandbox, id, cancellationToken) is not { } context)
        {
            return false;
        }

        await EndAsync(sandbox, context, cancellationToken);
        await StartAsync(sandbox, context, cancellationToken);
        return true;
    }

    /// <summary>Ends a context; false where there is no such context.</summary>
    public async Task<bool> RemoveAsync(SandboxRecord sandbox, string id, CancellationToken cancellationToken)
    {
        if (await FindAsync(sandbox, id, cancellationToken) is not { } context)
        {
            return false;
        }

        await EndAsync(sandbox, context, cancellationToken);
        return true;
    }

    /// <summary>
    /// Runs code in a context; <paramref name="emit"/> gets each event as JSON, valid during the call. Where the token ends, what runs is
    /// interrupted, and the context goes on. A kernel that ends meanwhile is told as an error of the code and started again under its context's id.
    /// </summary>
    /// <exception cref="IOException">The sandbox has ended.</exception>
    public async Task ExecuteAsync(SandboxRecord sandbox, KernelContext context, KernelCode code, Func<ReadOnlyMemory<byte>, ValueTask> emit, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(sandbox, context, cancellationToken);
        await connection.Gate.WaitAsync(cancellationToken);
        var left = false;
        try
        {
            var call = await connection.SendAsync(code.Text, code.Environment, cancellationToken);
            try
            {
                while (await connection.NextAsync(call, cancellationToken) is { } happened)
                {
                    await emit(happened);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Whoever comes next waits for the end of this one.
                left = true;
                _ = InterruptAsync(sandbox, context, connection, call);
                throw;
            }
        }
        catch (EndOfStreamException)
        {
            await ForgetAsync(sandbox, context);
            if (!await HasKernelEndedAsync(sandbox, context))
            {
                throw;
            }

            await ReplaceAsync(sandbox, context);
            await emit(s_revived);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            await ForgetAsync(sandbox, context);
            throw;
        }
        finally
        {
            if (!left)
            {
                connection.Gate.Release();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open.Values)
        {
            await connection.DisposeAsync();
        }
    }

    /// <summary>Forgets the connections of a sandbox that was paused or ended.</summary>
    public async Task ForgetAsync(SandboxRecord sandbox)
    {
        foreach (var key in _open.Keys.Where(k => k.Sandbox == sandbox.Id))
        {
            if (_open.TryRemove(key, out var connection))
            {
                await connection.DisposeAsync();
            }
        }
    }

    private async Task<KernelContext?> FindRunningAsync(SandboxRecord sandbox, string id, CancellationToken cancellationToken) =>
        _open.TryGetValue((sandbox.Id, id), out var open) && !open.HasEnded ? new KernelContext(id, LanguageOf(id), open.Cwd) : (await RunningAsync(sandbox, cancellationToken)).Find(c => c.Id == id);

    private async Task<List<KernelContext>> RunningAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        var reply = await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.Processes }, cancellationToken);
        return [.. (reply.Processes ?? []).Where(p => p.Kind == "worker" && p.Id.StartsWith(KernelContext.Prefix, StringComparison.Ordinal)).Select(Of)];
    }

    private static KernelContext Of(AgentProcessEntry entry)
    {
        var id = entry.Id[KernelContext.Prefix.Length..];
        return new KernelContext(id, LanguageOf(id), entry.Cwd ?? DefaultCwd);
    }

    private static string LanguageOf(string id) => id.Split('.')[0];

    private static KernelLanguage Language(string name) => KernelLanguage.Find(name)
        ?? throw new FunctionFaultException(FaultCode.InvalidArguments, $"language '{name}' is not known", $"one of {string.Join(", ", KernelLanguage.All.Select(l => l.Name))}");

    private async ValueTask<KernelConnection> ConnectAsync(SandboxRecord sandbox, KernelContext context, CancellationToken cancellationToken)
    {
        var key = (sandbox.Id, context.Id);
        if (_open.TryGetValue(key, out var known) && !known.HasEnded)
        {
            return known;
        }

        await ForgetAsync(sandbox, context);

        var (stream, _) = await client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.WorkerOpen, Id = context.Worker }, cancellationToken);
        var connection = new KernelConnection(stream, context.Cwd);
        var kept = _open.GetOrAdd(key, connection);
        if (!ReferenceEquals(kept, connection))
        {
            await connection.DisposeAsync();
            return kept;
        }

        // The resident one is told by the runtime that restores it; the others may have come out of a checkpoint too.
        if (context.Id != KernelContext.Resident)
        {
            await kept.RestoredAsync(time.GetUtcNow(), cancellationToken);
        }

        kept.Watch();
        return kept;
    }

    private async Task InterruptAsync(SandboxRecord sandbox, KernelContext context, KernelConnection connection, uint call)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_interrupt, time);
            var ended = DrainAsync(connection, call, patience.Token);
            do
            {
                // Again and again: a signal that comes between two steps of an interpreter can be lost.
                await connection.InterruptAsync(call, patience.Token);
                await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.Signal, Id = context.Worker, Signal = SignalInterrupt }, patience.Token);
            }
            while (await Task.WhenAny(ended, Task.Delay(s_interruptAgain, time, patience.Token)) != ended && !patience.IsCancellationRequested);
            await ended;
        }
        catch (OperationCanceledException)
        {
            // It does not heed the interrupt.
            await ReplaceAsync(sandbox, context);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or AgentException or ObjectDisposedException or FunctionFaultException)
        {
            await ForgetAsync(sandbox, context);
        }
        finally
        {
            connection.Gate.Release();
        }
    }

    /// <summary>What it still prints is for nobody.</summary>
    private static async Task DrainAsync(KernelConnection connection, uint call, CancellationToken cancellationToken)
    {
        while (await connection.NextAsync(call, cancellationToken) is not null)
        {
            continue;
        }
    }

    /// <summary>Whether it was the kernel alone that ended: its sandbox answers, and no longer has it.</summary>
    private async Task<bool> HasKernelEndedAsync(SandboxRecord sandbox, KernelContext context)
    {
        using var patience = new CancellationTokenSource(s_alive, time);
        try
        {
            while ((await RunningAsync(sandbox, patience.Token)).Exists(c => c.Id == context.Id))
            {
                await Task.Delay(s_aliveAgain, time, patience.Token);
            }

            return true;
        }
        catch (Exception error) when (error is IOException or AgentException or FunctionFaultException or OperationCanceledException or InvalidDataException)
        {
            return false;
        }
    }

    private async Task ReplaceAsync(SandboxRecord sandbox, KernelContext context)
    {
        using var deadline = new CancellationTokenSource(KernelProcesses.Patience, time);
        try
        {
            await EndAsync(sandbox, context, deadline.Token);
            await StartAsync(sandbox, context, deadline.Token);
        }
        catch (Exception error) when (error is IOException or AgentException or FunctionFaultException or OperationCanceledException or InvalidDataException)
        {
            // The next execution finds no context, and starts or misses it.
            await ForgetAsync(sandbox, context);
        }
    }

    private async Task EndAsync(SandboxRecord sandbox, KernelContext context, CancellationToken cancellationToken)
    {
        await ForgetAsync(sandbox, context);
        await _processes.EndAsync(sandbox, context.Worker, cancellationToken);
    }

    private async Task StartAsync(SandboxRecord sandbox, KernelContext context, CancellationToken cancellationToken) =>
        _open[(sandbox.Id, context.Id)] = await _processes.StartAsync(sandbox, Language(context.Language), context.Worker, context.Cwd, cancellationToken);

    private async Task<bool> TakeSpareAsync(SandboxRecord sandbox, KernelLanguage language, KernelContext context, CancellationToken cancellationToken)
    {
        if (!_spares.TryRemove((sandbox.Id, language.Name), out var spare))
        {
            return false;
        }

        try
        {
            await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.WorkerRename, Id = spare, To = context.Worker }, cancellationToken);
            return true;
        }
        catch (AgentException)
        {
            // It ended, or somebody else took it.
            return false;
        }
    }

    private async Task PrepareSpareAsync(SandboxRecord sandbox, KernelLanguage language)
    {
        var id = $"{SparePrefix}{language.Name}.{Ids.New()}";
        try
        {
            await (await _processes.StartAsync(sandbox, language, id, DefaultCwd, CancellationToken.None)).DisposeAsync();
            if (!_spares.TryAdd((sandbox.Id, language.Name), id))
            {
                await _processes.EndAsync(sandbox, id, CancellationToken.None);
            }
        }
        catch (Exception error) when (error is IOException or AgentException or FunctionFaultException or InvalidDataException or OperationCanceledException)
        {
            // The next context is started when it is asked for.
            return;
        }
    }

    private async ValueTask ForgetAsync(SandboxRecord sandbox, KernelContext context)
    {
        if (_open.TryRemove((sandbox.Id, context.Id), out var connection))
        {
            await connection.DisposeAsync();
        }
    }
}
