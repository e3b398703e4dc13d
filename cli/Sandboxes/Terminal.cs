using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

using Microsoft.Win32.SafeHandles;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>This process's own terminal, raw from <see cref="OpenRaw"/> on: every key goes through. It is as before after <see cref="Dispose"/>, and at every end of the process that can be seen.</summary>
internal sealed unsafe partial class Terminal : IDisposable
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Now = 0;
    private const nuint GetSize = 0x5413;

    // glibc's struct termios is 60 bytes on x64 and arm64; it is only handed back as it came.
    private const int SettingsLength = 256;
    private readonly byte[] _before;
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _restored;

    private Terminal(byte[] before)
    {
        _before = before;

        // A hangup or a kill ends the process without our finally.
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Restore()));
        }

        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>Makes the terminal raw.</summary>
    /// <exception cref="CommandFailedException">Input or output is no terminal.</exception>
    public static Terminal OpenRaw()
    {
        var settings = new byte[SettingsLength];
        if (Console.IsOutputRedirected || Get(settings) != 0)
        {
            throw new CommandFailedException(ExitCodes.Usage, "a shell needs a terminal at both ends", "run one command with 'toolrt sandbox exec ID -- COMMAND'");
        }

        var terminal = new Terminal([.. settings]);
        fixed (byte* raw = settings)
        {
            MakeRaw(raw);
        }

        Set(settings);

        // The runtime's console has asked for application keys, which is for whatever runs inside to ask.
        using var output = Console.OpenStandardOutput();
        output.Write("\e[?1l\e>"u8);
        return terminal;
    }

    /// <summary>What is typed, as it comes; the console's own stream would wait for whole lines.</summary>
    public static Stream Keys => new FileStream(new SafeFileHandle(Input, ownsHandle: false), FileAccess.Read, bufferSize: 0);

    /// <summary>Its size, as the protocol writes it.</summary>
    public static JsonObject Size()
    {
        var size = stackalloc ushort[4];
        var known = IoControl(Output, GetSize, size) == 0 && size[0] > 0 && size[1] > 0;
        return new JsonObject { ["rows"] = known ? size[0] : 24, ["cols"] = known ? size[1] : 80 };
    }

    /// <summary>Calls back whenever its size has changed.</summary>
    public void OnResize(Action changed) => _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => changed()));

    /// <inheritdoc/>
    public void Dispose()
    {
        Restore();
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _signals.ForEach(s => s.Dispose());
    }

    private void OnExit(object? sender, EventArgs arguments) => Restore();

    private void Restore()
    {
        if (Interlocked.Exchange(ref _restored, 1) == 0)
        {
            Set(_before);
        }
    }

    private static int Get(byte[] settings)
    {
        fixed (byte* at = settings)
        {
            return GetAttributes(Input, at);
        }
    }

    private static void Set(byte[] settings)
    {
        fixed (byte* at = settings)
        {
            _ = SetAttributes(Input, Now, at);
        }
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetAttributes(int file, byte* settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAttributes(int file, int when, byte* settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void MakeRaw(byte* settings);

    // ioctl takes its third argument variably; on x64 and arm64 Linux that is passed like any other.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int IoControl(int file, nuint request, ushort* size);
}
