using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>Where one argument of a tool goes in the request.</summary>
/// <param name="Argument">The argument's name in the input schema.</param>
/// <param name="Target">Which part of the request.</param>
/// <param name="Name">The name there: of the parameter, the body's property, or the server variable; empty for <see cref="BindingTarget.WholeBody"/>.</param>
/// <param name="Parameter">The parameter, where <see cref="Target"/> is <see cref="BindingTarget.Parameter"/>; else null.</param>
public sealed record ArgumentBinding(string Argument, BindingTarget Target, string Name, ApiParameter? Parameter);
