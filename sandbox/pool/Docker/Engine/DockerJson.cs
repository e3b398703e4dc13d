using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>JSON of the engine's API.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CreateContainerParameters))]
[JsonSerializable(typeof(CreateContainerResponse))]
[JsonSerializable(typeof(ContainerInspectResponse))]
[JsonSerializable(typeof(List<ContainerListResponse>))]
[JsonSerializable(typeof(ImageInspectResponse))]
[JsonSerializable(typeof(JSONMessage))]
[JsonSerializable(typeof(SystemInfoResponse))]
[JsonSerializable(typeof(ErrorResponse))]
internal sealed partial class DockerJson : JsonSerializerContext;
