namespace ToolRuntime.Sandbox.Images;

/// <summary>An npm package by pinned version, installed for the whole image; its programs come to /usr/local/bin.</summary>
/// <param name="Name">The package's name.</param>
/// <param name="Version">Exact version.</param>
public sealed record NpmPackage(string Name, string Version);
