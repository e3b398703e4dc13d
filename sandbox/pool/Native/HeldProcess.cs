using Microsoft.Win32.SafeHandles;

namespace ToolRuntime.Sandbox.Native;

/// <summary>A process of the host, held by a descriptor (pidfd_open(2)): its number may belong to another one day, the descriptor never does.</summary>
internal sealed class HeldProcess : IDisposable
{
    // The same on all architectures.
    private const long OpenNumber = 434;
    private const long SignalNumber = 424;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private readonly SafeFileHandle _descriptor;

    private HeldProcess(int number, SafeFileHandle descriptor) => (Number, _descriptor) = (number, descriptor);

    /// <summary>Its number, for as long as it runs.</summary>
    public int Number { get; }

    /// <summary>Takes hold of a process; null where it has ended, or the kernel (before 5.3) cannot.</summary>
    public static HeldProcess? TryOpen(int process)
    {
        var descriptor = Libc.ProcessOpen(OpenNumber, process, 0);
        return descriptor < 0 ? null : new HeldProcess(process, new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Stops it: it takes no processor until <see cref="Continue"/>. False where it has ended.</summary>
    public bool Stop() => Signal(SignalStop);

    /// <summary>Lets it go on.</summary>
    public void Continue() => Signal(SignalContinue);

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();

    private bool Signal(int signal)
    {
        var held = false;
        try
        {
            _descriptor.DangerousAddRef(ref held);
            return Libc.ProcessSignal(SignalNumber, (int)_descriptor.DangerousGetHandle(), signal, 0, 0) == 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held)
            {
                _descriptor.DangerousRelease();
            }
        }
    }
}
