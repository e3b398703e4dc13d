namespace ToolRuntime.E2b.Volumes;

/// <summary>Bodies of requests about volumes; what is not asked for is null.</summary>
/// <param name="Name">Name of a new volume.</param>
/// <param name="QuotaMiB">Most that it holds, MiB; 0 for what the disk holds. Ours: E2B's SDKs do not send it.</param>
/// <param name="Uid">Owner of a file.</param>
/// <param name="Gid">Group of a file.</param>
/// <param name="Mode">Permission bits of a file.</param>
internal sealed record VolumeBody(string? Name = null, long? QuotaMiB = null, int? Uid = null, int? Gid = null, int? Mode = null);
