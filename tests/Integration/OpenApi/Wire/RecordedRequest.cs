namespace ToolRuntime.Tests.Integration.OpenApi.Wire;

internal sealed record RecordedRequest(string Method, string Target, Dictionary<string, string> Headers, byte[] Body);
