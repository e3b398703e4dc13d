using System.ComponentModel;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>The kernel's no to an operation on a volume's files.</summary>
/// <param name="Doing">What was tried, with the path.</param>
/// <param name="error">The kernel's number of the error.</param>
public sealed class VolumeException(string Doing, int error) : IOException($"{Doing}: {Text(error)}")
{
    /// <summary>No such file.</summary>
    public const int NoEntry = 2;

    /// <summary>Something stands there.</summary>
    public const int Exists = 17;

    /// <summary>A path or a link leads out of the volume.</summary>
    public const int Outside = 18;

    /// <summary>A folder is needed.</summary>
    public const int NotFolder = 20;

    /// <summary>A file is needed.</summary>
    public const int IsFolder = 21;

    /// <summary>The path says nothing that could be.</summary>
    public const int Invalid = 22;

    /// <summary>It is full.</summary>
    public const int NoSpace = 28;

    /// <summary>The kernel's number of the error.</summary>
    public int Error { get; } = error;

    private static string Text(int error) => error == Outside ? "it leads out of the volume" : new Win32Exception(error).Message;
}
