using System.Text.Json;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>A node and the document whose references it is written in.</summary>
internal readonly record struct Place(JsonElement Node, LoadedDocument Document);
