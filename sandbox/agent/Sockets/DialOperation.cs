using System.Buffers.Binary;
using System.Text;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Sockets;

/// <summary>Connects to a port or Unix socket inside, and relays both ways.</summary>
internal sealed unsafe class DialOperation(AgentStream stream, StreamInput input)
{
    private const int UnixFamily = 1;
    private const int InternetFamily = 2;
    private const int Internet6Family = 10;
    private const int StreamKind = 1;
    private const int LongestUnixPath = 107;

    internal void Run(AgentRequest request)
    {
        var socket = request switch
        {
            { Unix: { } path } => ConnectUnix(path),
            { Port: > 0 and < 65536 } => ConnectPort(request.Port.Value),
            _ => throw new OperationException(AgentErrorCode.BadRequest, "'port' (1 to 65535) or 'unix' is needed."),
        };
        stream.Reply(AgentReply.Done);
        new SocketRelay(stream, input, socket).Run([]);
    }

    /// <summary>On 127.0.0.1, else on ::1: some servers listen on one of them only.</summary>
    private static int ConnectPort(int port)
    {
        Span<byte> four = stackalloc byte[16];
        four.Clear();
        BinaryPrimitives.WriteInt16LittleEndian(four, InternetFamily);
        BinaryPrimitives.WriteUInt16BigEndian(four[2..], (ushort)port);
        four[4] = 127;
        four[7] = 1;
        Span<byte> six = stackalloc byte[28];
        six.Clear();
        BinaryPrimitives.WriteInt16LittleEndian(six, Internet6Family);
        BinaryPrimitives.WriteUInt16BigEndian(six[2..], (ushort)port);
        six[23] = 1;
        try
        {
            return Connect(InternetFamily, four, $"port {port}");
        }
        catch (NativeException refused)
        {
            try
            {
                return Connect(Internet6Family, six, $"port {port}");
            }
            catch (NativeException)
            {
                throw refused;
            }
        }
    }

    private static int ConnectUnix(string path)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        if (length is 0 or > LongestUnixPath)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'unix' has {length} bytes; 1 to {LongestUnixPath} are allowed.");
        }

        Span<byte> address = stackalloc byte[110];
        address.Clear();
        BinaryPrimitives.WriteInt16LittleEndian(address, UnixFamily);
        Encoding.UTF8.GetBytes(path, address[2..]);
        return Connect(UnixFamily, address, path);
    }

    private static int Connect(int family, ReadOnlySpan<byte> address, string what)
    {
        var socket = NativeError.Check(Libc.Socket(family, StreamKind | Descriptors.CloseOnExec, 0), "socket");
        fixed (byte* start = address)
        {
            if (Libc.Connect(socket, start, (uint)address.Length) == 0)
            {
                return socket;
            }
        }

        var error = NativeError.Last;
        Descriptors.Close(ref socket);
        throw new NativeException($"connect to {what}", error);
    }
}
