namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>Raw descriptors: blocking reads and writes that go on after a signal, and pairs that no child inherits.</summary>
internal static unsafe class Descriptors
{
    internal const int CloseOnExec = 0x80000;
    internal const int NonBlocking = 0x800;
    internal const int ReadWrite = 2;
    internal const int NoControllingTerminal = 0x100;
    internal const int SetDescriptorFlags = 2;

    /// <summary>What a pipe holds that was widened, bytes: so much can be written to it while none is taken.</summary>
    internal const int WidePipe = 1024 * 1024;

    private const int SetFlags = 4;
    private const int SetPipeSize = 1031;

    /// <summary>Reads what there is, at least one byte; 0 at the end.</summary>
    internal static int Read(int descriptor, byte* buffer, int count)
    {
        while (true)
        {
            var read = Libc.Read(descriptor, buffer, count);
            if (read >= 0)
            {
                return (int)read;
            }

            var error = NativeError.Last;
            if (error == NativeError.InputOutput)
            {
                return 0;
            }

            if (error != NativeError.Interrupted)
            {
                throw new NativeException("read", error);
            }
        }
    }

    /// <summary>Writes all of it, or less where the descriptor does not block and is full.</summary>
    internal static int Write(int descriptor, byte* buffer, int count)
    {
        var written = 0;
        while (written < count)
        {
            var piece = Libc.Write(descriptor, buffer + written, count - written);
            if (piece >= 0)
            {
                written += (int)piece;
                continue;
            }

            var error = NativeError.Last;
            if (error == NativeError.Again)
            {
                return written;
            }

            if (error != NativeError.Interrupted)
            {
                throw new NativeException("write", error);
            }
        }

        return written;
    }

    /// <summary>A pipe; neither end is inherited.</summary>
    internal static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        NativeError.Check(Libc.Pipe2(ends, CloseOnExec), "pipe");
        return (ends[0], ends[1]);
    }

    /// <summary>Lets a pipe hold <see cref="WidePipe"/>, or as much as before where the kernel does not want to.</summary>
    internal static void Widen(int pipe) => _ = Libc.Fcntl(pipe, SetPipeSize, WidePipe);

    internal static int OpenNull() => NativeError.Check(Libc.Open("/dev/null", ReadWrite | CloseOnExec, 0), "open /dev/null");

    internal static void SetNonBlocking(int descriptor) =>
        NativeError.Check(Libc.Fcntl(descriptor, SetFlags, ReadWrite | NonBlocking), "fcntl");

    /// <summary>Waits until a descriptor can be read or written, or <paramref name="other"/> can be read.</summary>
    /// <returns>Whether the first of them is ready, be the other ready or not.</returns>
    internal static bool Wait(int descriptor, short events, int other)
    {
        var both = stackalloc PollDescriptor[2];
        both[0] = new PollDescriptor { Descriptor = descriptor, Events = events };
        both[1] = new PollDescriptor { Descriptor = other, Events = PollDescriptor.In };
        Poll(both, 2, -1);
        if (both[0].Returned == 0)
        {
            // The kernel looks at one after the other: between the two looks a child can write its last piece and end.
            Poll(both, 1, 0);
        }

        return both[0].Returned != 0;
    }

    /// <summary>Waits until a descriptor can be read or has ended, at most so long; false when it was not.</summary>
    internal static bool WaitReadable(int descriptor, int milliseconds)
    {
        var one = new PollDescriptor { Descriptor = descriptor, Events = PollDescriptor.In };
        Poll(&one, 1, milliseconds);
        return one.Returned != 0;
    }

    private static void Poll(PollDescriptor* descriptors, nuint count, int milliseconds)
    {
        while (Libc.Poll(descriptors, count, milliseconds) < 0)
        {
            if (NativeError.Last != NativeError.Interrupted)
            {
                throw new NativeException("poll", NativeError.Last);
            }
        }
    }

    internal static void Close(ref int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = Libc.Close(descriptor);
            descriptor = -1;
        }
    }
}
