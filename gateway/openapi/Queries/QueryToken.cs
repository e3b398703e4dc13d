namespace ToolRuntime.OpenApi.Queries;

/// <summary>A token: a symbol as it stands, or <c>name</c>, <c>number</c>, <c>json</c>, <c>raw</c>, <c>end</c> with its text.</summary>
internal readonly record struct QueryToken(string Kind, string Text, int Place);
