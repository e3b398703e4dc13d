namespace ToolRuntime.OpenApi.Reports;

/// <summary>An operation in the ledger.</summary>
/// <param name="Key">Method and path.</param>
/// <param name="Pointer">Where it stands in the document.</param>
/// <param name="Text">The tool's name, or why it is none.</param>
public sealed record LedgerEntry(string Key, string Pointer, string Text);
