namespace ToolRuntime.OpenApi.Tools;

/// <summary>Parts of a request that an argument can go to.</summary>
public enum BindingTarget
{
    /// <summary>A parameter: path, query, header or cookie.</summary>
    Parameter,

    /// <summary>One property of a body that is an object.</summary>
    BodyProperty,

    /// <summary>The whole body: arrays, scalars, text, bytes, and objects whose properties are not known.</summary>
    WholeBody,
}
