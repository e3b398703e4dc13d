namespace ToolRuntime.Bus.State;

/// <summary>One object of the package store.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Kind">What it is: <c>package</c>, <c>layer</c>.</param>
/// <param name="Digest">Lower-case hex SHA-256 of its content.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">When it was stored, or last asked to be stored again.</param>
/// <param name="Revision">Changes with each of these.</param>
public sealed record StoredObject(string Tenant, string Kind, string Digest, long Size, DateTimeOffset ModifiedAt, ulong Revision);
