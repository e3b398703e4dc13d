namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Files that say of a sandbox what its environment says, <c>/run/e2b/.NAME</c> as in E2B's service: for programs that are started without that environment.</summary>
internal static class EnvironmentFiles
{
    private const string Folder = "/run/e2b";
    private static readonly string[] s_names = ["E2B_SANDBOX", "E2B_SANDBOX_ID", "E2B_TEMPLATE_ID"];

    /// <summary>Writes those of the variables that have a file; where the root cannot be written there is none.</summary>
    internal static void Write(IReadOnlyDictionary<string, string>? set)
    {
        foreach (var name in s_names)
        {
            if (set is null || !set.TryGetValue(name, out var value))
            {
                continue;
            }

            try
            {
                Directory.CreateDirectory(Folder);
                File.WriteAllText($"{Folder}/.{name}", value);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return;
            }
        }
    }
}
