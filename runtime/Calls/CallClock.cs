using Microsoft.Extensions.Logging;

namespace ToolRuntime.Runtime.Calls;

/// <summary>Time and log of calls.</summary>
internal sealed record CallClock(TimeProvider Time, ILogger Logger);
