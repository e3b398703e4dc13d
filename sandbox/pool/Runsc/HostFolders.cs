namespace ToolRuntime.Sandbox.Runsc;

/// <summary>Folders of the host that one sandbox sees.</summary>
/// <param name="Tools">The agent and the SDK, at <c>/toolrt</c>.</param>
/// <param name="Layers">Its own empty folder, where layers are mounted later, at <c>/layers</c>.</param>
/// <param name="Volumes">Its own folder of volumes, in which nothing can be written but the volumes, at <c>/volumes</c>.</param>
/// <param name="Dotnet">The host's .NET, for images that ask for it.</param>
internal readonly record struct HostFolders(string Tools, string Layers, string Volumes, string Dotnet);
