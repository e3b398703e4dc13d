using System.Text.Json.Serialization;

namespace ToolRuntime.Cli.Stdio;

[JsonSerializable(typeof(string))]
internal sealed partial class StdioJson : JsonSerializerContext;
