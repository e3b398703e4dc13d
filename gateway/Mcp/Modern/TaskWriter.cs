using System.Globalization;
using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Jobs;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Jobs;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>Jobs in the words of the tasks extension.</summary>
public sealed class TaskWriter(MessageBus? bus = null)
{
    private const int PollMilliseconds = 1000;
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(1);
    private static readonly JsonElement s_anyObject = JsonElement.Parse("""{"type":"object"}""");

    /// <summary>Writes a whole result that says a task was made.</summary>
    public static void WriteCreated(ReplyBuffer buffer, JobRecord record)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentNullException.ThrowIfNull(record);
        buffer.Raw("{\"resultType\":\"task\",\"_meta\":"u8).Raw(ServerIdentity.ResultMeta).Raw(","u8);
        WriteTask(buffer, new JobView(record, JobState.Queued, record.AcceptedAt));
        buffer.Raw("}"u8);
    }

    /// <summary>Writes the members of a task with its result, error or questions.</summary>
    public async ValueTask WriteAsync(ReplyBuffer buffer, JobView view, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(view);
        WriteTask(buffer, view);
        switch (view)
        {
            case { State: JobState.InputRequired }:
                WriteQuestions(buffer, view);
                break;
            case { State: JobState.Completed }:
                CallResult.WriteCompleted(buffer.Raw(",\"result\":"u8), view.Result, await RouteAsync(view.Record, cancellationToken), ProtocolRevision.Modern);
                break;
            case { State: JobState.Failed, Fault: { } fault } when IsOfTheTool(fault.Code):
                CallResult.WriteFailed(buffer.Raw(",\"result\":"u8), fault, ProtocolRevision.Modern);
                break;
            case { State: JobState.Failed, Fault: { } fault }:
                var code = FaultMapping.JsonRpcCode(fault.Code) ?? JsonRpcCodes.InternalError;
                buffer.Raw(",\"error\":{\"code\":"u8).Number(code).Raw(",\"message\":"u8).Text(FaultMapping.Describe(fault)).Raw("}"u8);
                break;
        }
    }

    /// <summary>
    /// Whether the tool ran and failed, which is a completed task whose result is an error (SEP-2663); what lost the call or never let it run is a
    /// failed task.
    /// </summary>
    internal static bool IsOfTheTool(FaultCode code) => code is FaultCode.InvalidArguments or FaultCode.FunctionThrew or FaultCode.LoadFailed
        or FaultCode.OutputTooLarge or FaultCode.CallTooDeep or FaultCode.CallCycle or FaultCode.DependencyFailed or FaultCode.UpstreamFailed;

    private static void WriteTask(ReplyBuffer buffer, JobView view)
    {
        var record = view.Record;
        buffer.Raw("\"taskId\":"u8).Text(record.Id).Raw(",\"status\":"u8).Text(Status(view));
        if (Message(view) is { } message)
        {
            buffer.Raw(",\"statusMessage\":"u8).Text(message);
        }

        var kept = s_kept + ((record.NotBefore ?? record.AcceptedAt) - record.AcceptedAt);
        buffer.Raw(",\"createdAt\":"u8).Text(Time(record.AcceptedAt)).Raw(",\"lastUpdatedAt\":"u8).Text(Time(view.UpdatedAt));
        buffer.Raw(",\"ttlMs\":"u8).Number((long)kept.TotalMilliseconds).Raw(",\"pollIntervalMs\":"u8).Number(PollMilliseconds);
    }

    /// <summary>The status of a task.</summary>
    public static string Status(JobView view) => view switch
    {
        { State: JobState.InputRequired } => "input_required",
        { State: JobState.Completed } => "completed",
        { State: JobState.Cancelled } => "cancelled",
        { State: JobState.Failed, Fault.Code: var code } => IsOfTheTool(code) ? "completed" : "failed",
        _ => "working",
    };

    private static string? Message(JobView view) => view.State switch
    {
        JobState.Delayed => $"waits until {Time(view.Record.NotBefore!.Value)}",
        JobState.Queued => "waits in the queue",
        JobState.Working => RawJson.Text(RawJson.Member(view.Progress, "message"u8)),
        JobState.Failed or JobState.Cancelled => view.Fault?.Message,
        _ => null,
    };

    private static void WriteQuestions(ReplyBuffer buffer, JobView view)
    {
        buffer.Raw(",\"inputRequests\":{"u8);
        var first = true;
        foreach (var (id, question) in view.Questions)
        {
            buffer.Raw(first ? ""u8 : ","u8).Text(id).Raw(":"u8).Raw(question.Request.Span);
            first = false;
        }

        buffer.Raw("}"u8);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The tool as the job ran it, whatever is deployed by now; without an output schema where that version is no longer kept.</summary>
    private async ValueTask<ToolRoute> RouteAsync(JobRecord record, CancellationToken cancellationToken)
    {
        var version = bus is null ? null : await bus.Catalog.GetVersionAsync(record.Tenant, record.Version, cancellationToken);
        return version?.Tools.FirstOrDefault(t => t.Name == record.Tool) is { } tool ? new ToolRoute(version, tool) : Forgotten(record);
    }

    private static ToolRoute Forgotten(JobRecord record)
    {
        var tool = new ToolDefinition { Name = record.Tool, InputSchema = s_anyObject };
        var manifest = new FunctionManifest { Name = record.Function, Language = FunctionLanguage.Shell };
        return new ToolRoute(new FunctionVersion { Digest = record.Version, Tenant = record.Tenant, Manifest = manifest, Tools = [tool], Layers = [], CreatedAt = record.AcceptedAt }, tool);
    }
}
