namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>The state of the host's processes of sandboxes.</summary>
internal static class ProcessState
{
    private const char Stopped = 'T';

    /// <summary>How many of them are stopped.</summary>
    public static int StoppedIn(string workFolder) => HostFootprint.ProcessesOf(workFolder).Count(process => Of(process) == Stopped);

    private static char Of(int process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return status[status.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 'X';
        }
    }
}
