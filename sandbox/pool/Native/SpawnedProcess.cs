using System.ComponentModel;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

namespace ToolRuntime.Sandbox.Native;

/// <summary>A child started by posix_spawn(3): unlike .NET's own Process it can be given descriptors that outlive it, which is how a sandbox gets its channel.</summary>
internal static class SpawnedProcess
{
    private const int StructureSize = 512;
    private const short SetDefaults = 4;
    private const short SetMask = 8;
    private const int BrokenPipeSignalBit = 12;
    private const int SignalSetSize = 128;

    /// <summary>Starts <paramref name="arguments"/> (the first is the program's path), tells its id at once, and waits for its end; kills it when the token ends.</summary>
    /// <returns>Its exit code, or 128 + signal.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        StandardStreams streams,
        Action<int> started,
        CancellationToken cancellationToken)
    {
        var process = Start(arguments, environment, streams);
        started(process);
        var waiting = Task.Factory.StartNew(() => Wait(process), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        // Not killed once it was waited for: its number may belong to another process by then.
        await using var registration = cancellationToken.UnsafeRegister(
            _ =>
            {
                if (!waiting.IsCompleted)
                {
                    _ = Libc.Kill(process, Libc.SignalKill);
                }
            },
            null);
        var code = await waiting;
        cancellationToken.ThrowIfCancellationRequested();
        return code;
    }

    private static int Wait(int process)
    {
        int status;
        while (Libc.Wait(process, out status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
            {
                throw new IOException($"cannot wait for process {process}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            }
        }

        var signal = status & 0x7f;
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    private static unsafe int Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, StandardStreams streams)
    {
        var actions = stackalloc byte[StructureSize];
        var attributes = stackalloc byte[StructureSize];
        var mask = stackalloc byte[SignalSetSize];
        new Span<byte>(mask, SignalSetSize).Clear();
        var argumentBlock = StringBlock(arguments);
        var environmentBlock = StringBlock([.. environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        _ = Libc.SpawnActionsInit((nint)actions);
        _ = Libc.SpawnAttributesInit((nint)attributes);
        try
        {
            Duplicate((nint)actions, streams.Input, 0);
            Duplicate((nint)actions, streams.Output, 1);
            Duplicate((nint)actions, streams.Error, 2);
            _ = Libc.SpawnAttributesFlags((nint)attributes, SetDefaults | SetMask);
            _ = Libc.SpawnAttributesMask((nint)attributes, mask);

            // .NET ignores SIGPIPE and an ignored signal is inherited through exec.
            mask[BrokenPipeSignalBit / 8] = 1 << (BrokenPipeSignalBit % 8);
            _ = Libc.SpawnAttributesDefaults((nint)attributes, mask);
            var error = Libc.Spawn(out var process, arguments[0], (nint)actions, (nint)attributes, (byte**)argumentBlock, (byte**)environmentBlock);
            return error == 0 ? process : throw new IOException($"cannot start {arguments[0]}: {new Win32Exception(error).Message}");
        }
        finally
        {
            _ = Libc.SpawnActionsDestroy((nint)actions);
            _ = Libc.SpawnAttributesDestroy((nint)attributes);
            FreeBlock(argumentBlock);
            FreeBlock(environmentBlock);
        }
    }

    private static void Duplicate(nint actions, SafeFileHandle handle, int target) =>
        _ = Libc.SpawnActionsDuplicate(actions, (int)handle.DangerousGetHandle(), target);

    private static unsafe nint StringBlock(IReadOnlyList<string> strings)
    {
        var block = (nint*)NativeMemory.AllocZeroed((nuint)(strings.Count + 1), (nuint)sizeof(nint));
        for (var i = 0; i < strings.Count; i++)
        {
            block[i] = Marshal.StringToCoTaskMemUTF8(strings[i]);
        }

        return (nint)block;
    }

    private static unsafe void FreeBlock(nint block)
    {
        for (var item = (nint*)block; *item != 0; item++)
        {
            Marshal.FreeCoTaskMem(*item);
        }

        NativeMemory.Free((void*)block);
    }
}
