namespace ToolRuntime.OpenApi.Documents;

/// <summary>Where an operation is read from.</summary>
/// <param name="PathItem">Its path item, references followed.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Pointer">JSON pointer of the operation in the root document.</param>
/// <param name="PathPointer">JSON pointer of the path in the root document.</param>
/// <param name="Template">Its path.</param>
/// <param name="Method">Its method, upper case.</param>
internal sealed record OperationPlace(Place PathItem, Place Operation, string Pointer, string PathPointer, PathTemplate Template, string Method);
