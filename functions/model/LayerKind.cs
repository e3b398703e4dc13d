using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>What a layer is mounted for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LayerKind>))]
public enum LayerKind
{
    /// <summary>The function's own files, at <c>/layers/code</c>.</summary>
    Code,

    /// <summary>Python packages, at <c>/layers/site-packages</c>.</summary>
    PythonPackages,

    /// <summary>npm packages, at <c>/layers/node_modules</c>.</summary>
    NodeModules,

    /// <summary>.NET assemblies, at <c>/layers/assemblies</c>.</summary>
    Assemblies,

    /// <summary>The documents of an API: read by the gateway, never mounted.</summary>
    Documents,

    /// <summary>The names that an API's tools have: likewise.</summary>
    Names,
}
