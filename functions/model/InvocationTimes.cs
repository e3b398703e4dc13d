namespace ToolRuntime.Functions;

internal sealed record InvocationTimes(DateTimeOffset AcceptedAt, DateTimeOffset Deadline);
