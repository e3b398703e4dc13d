namespace ToolRuntime.Runtime.Hosting;

/// <summary>Sandboxes of one version of a function.</summary>
internal sealed record FunctionStatus(string Tenant, string Function, string Version, string Pool, int Sandboxes, int Booting, int Waiting, int InFlight, int Minimum);
