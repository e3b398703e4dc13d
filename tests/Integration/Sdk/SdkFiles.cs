namespace ToolRuntime.Tests.Integration.Sdk;

/// <summary>Where things are in the source tree.</summary>
internal static class SdkFiles
{
    public static string Root { get; } = FindRoot();

    public static string Sdk => Path.Combine(Root, "functions", "sdk");

    public static string Sample(string name) => Path.Combine(Root, "functions", "samples", name);

    public static string Signatures => Path.Combine(Root, "tests", "Integration", "Sdk", "Signatures");

    public static string Behaviour(string name) => Path.Combine(Root, "tests", "Integration", "Sdk", "Behaviour", name);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ToolRuntime.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests do not lie below ToolRuntime.sln");
        }

        return folder.FullName;
    }
}
