using System.Text.Json.Serialization;

namespace ToolRuntime.Runtime.Workers;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadedFunction))]
[JsonSerializable(typeof(LoadFailure))]
[JsonSerializable(typeof(WorkerError))]
[JsonSerializable(typeof(WorkerLog))]
[JsonSerializable(typeof(HostCall))]
internal sealed partial class WorkerJson : JsonSerializerContext;
