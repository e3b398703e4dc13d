using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Finds out which era a server is of, and agrees on a revision with it.</summary>
internal static class ServerHandshake
{
    private const string Modern = "2026-07-28";
    private const int InvalidParams = -32602;
    private static readonly string[] s_revisions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
    private static readonly TimeSpan s_probe = TimeSpan.FromSeconds(5);

    /// <summary>Greets.</summary>
    /// <returns>Null, or why the server could not be spoken to.</returns>
    public static async Task<UpstreamFailure?> ShakeAsync(ServerConnection connection, HandshakePlan plan, TimeProvider time, CancellationToken cancellationToken)
    {
        if (plan.Known is { Revision: Modern } known)
        {
            connection.Agree(Modern, isModern: true, JsonSerializer.SerializeToUtf8Bytes(known.Capabilities, FunctionsJson.Default.JsonElement));
            await HearListsAsync(connection, plan, cancellationToken);
            return null;
        }

        if (plan is { ModernFirst: true, Known: null })
        {
            var answer = await DiscoverAsync(connection, time, cancellationToken);
            if (answer.IsResult || !IsOlder(answer))
            {
                return await TakeDiscoveryAsync(connection, plan, answer, cancellationToken);
            }
        }

        var greeted = await InitializeAsync(connection, cancellationToken);
        if (greeted.Failure is not null || greeted.IsResult || plan.ModernFirst)
        {
            return greeted.IsResult ? null : greeted.Reason;
        }

        // One that knows no handshake says so and stays open for the modern era; if it knows neither, why it refused the handshake is the better reason.
        var discovered = await DiscoverAsync(connection, time, cancellationToken);
        return discovered.IsResult ? await TakeDiscoveryAsync(connection, plan, discovered, cancellationToken) : greeted.Reason;
    }

    /// <summary>Asks a server with a handshake for all that it logs: each client's own level decides what it gets.</summary>
    public static async Task WantLogsAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        if (!connection.IsModern && connection.Has("logging"u8))
        {
            await connection.TryAskAsync("logging/setLevel", ServerMessages.EveryLevel, cancellationToken);
        }
    }

    /// <summary>Whether a refusal to <c>server/discover</c> is that of a server which does not know it: errors that only the modern era has are not.</summary>
    private static bool IsOlder(ServerAnswer answer) =>
        answer.Failure is { } failure
            ? failure.Status is (>= 400 and <= 501) and not 401 and not 403 and not 407 and not 429
            : answer.ErrorCode is not (-32020 or -32021 or -32022);

    private static async Task<ServerAnswer> DiscoverAsync(ServerConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        connection.Agree(Modern, isModern: true, default);
        using var probe = new CancellationTokenSource(s_probe, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(probe.Token, cancellationToken);
        try
        {
            return await connection.TryAskAsync("server/discover", default, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // One that does not answer what it does not know is older.
            return new ServerAnswer(default, "{\"code\":-32601,\"message\":\"no answer to server/discover\"}"u8.ToArray(), null);
        }
    }

    private static async Task<UpstreamFailure?> TakeDiscoveryAsync(ServerConnection connection, HandshakePlan plan, ServerAnswer answer, CancellationToken cancellationToken)
    {
        if (!answer.IsResult)
        {
            return answer.Reason;
        }

        connection.Agree(Modern, isModern: true, RawJson.Member(answer.Result, "capabilities"u8));
        await HearListsAsync(connection, plan, cancellationToken);
        return null;
    }

    private static async Task<ServerAnswer> InitializeAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        connection.Agree(s_revisions[0], isModern: false, default);
        var answer = await connection.TryAskAsync(UpstreamMessages.InitializeMethod, ServerMessages.Initialize(s_revisions[0]), cancellationToken);
        if (Offered(answer) is { } older)
        {
            answer = await connection.TryAskAsync(UpstreamMessages.InitializeMethod, ServerMessages.Initialize(older), cancellationToken);
        }

        if (!answer.IsResult)
        {
            return answer;
        }

        var revision = RawJson.Text(RawJson.Member(answer.Result, "protocolVersion"u8));
        if (!s_revisions.Contains(revision, StringComparer.Ordinal))
        {
            return new ServerAnswer(default, default, new UpstreamFailure(new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server speaks revision '{revision}', which is not known here")));
        }

        connection.Agree(revision!, isModern: false, RawJson.Member(answer.Result, "capabilities"u8));
        await connection.TellAsync(UpstreamMessages.Initialized, "notifications/initialized", cancellationToken);
        await WantLogsAsync(connection, cancellationToken);
        return answer;
    }

    /// <summary>The newest revision that both know, where a server refuses the newest one and names others instead of agreeing on one (2025-11-25, lifecycle).</summary>
    private static string? Offered(ServerAnswer answer)
    {
        var supported = answer.ErrorCode == InvalidParams ? RawJson.Items(RawJson.Member(RawJson.Member(answer.Error, "data"u8), "supported"u8)).Select(RawJson.Text).ToList() : [];
        return s_revisions.Skip(1).FirstOrDefault(supported.Contains);
    }

    /// <summary>What a server need not know is no reason to do without it.</summary>
    private static async Task HearListsAsync(ServerConnection connection, HandshakePlan plan, CancellationToken cancellationToken)
    {
        if (!plan.HearsLists)
        {
            return;
        }

        try
        {
            await connection.ListenToListsAsync(cancellationToken);
        }
        catch (FunctionFaultException refused) when (refused.Fault.Code == FaultCode.UpstreamFailed)
        {
            return;
        }
    }
}
