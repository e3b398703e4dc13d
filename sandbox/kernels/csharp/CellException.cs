namespace ToolRuntime.Kernels.CSharp;

/// <summary>Carries what a cell's code threw, with its own stack.</summary>
internal sealed class CellException(Exception thrown) : Exception(thrown.Message, thrown);
