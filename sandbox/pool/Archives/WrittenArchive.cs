namespace ToolRuntime.Sandbox.Archives;

/// <summary>An image that was exported.</summary>
/// <param name="Reference">The name that it has once it is loaded, with its tag.</param>
/// <param name="Digest">Digest of its manifest, <c>sha256:HEX</c>: what registries call it by.</param>
/// <param name="Id">Digest of its configuration, <c>sha256:HEX</c>: what a Docker Engine calls it by.</param>
/// <param name="Bytes">Size of the file.</param>
public sealed record WrittenArchive(string Reference, string Digest, string Id, long Bytes);
