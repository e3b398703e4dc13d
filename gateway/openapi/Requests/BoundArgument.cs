using System.Text.Json;

using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>An argument that was given, and where it goes.</summary>
internal readonly record struct BoundArgument(ArgumentBinding Binding, JsonElement Value)
{
    /// <summary>The argument's name.</summary>
    public string Name => Binding.Argument;
}
