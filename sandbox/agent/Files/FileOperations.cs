using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>Operations on files that move their content.</summary>
internal static unsafe class FileOperations
{
    private const int Create = 0x40;
    private const int WriteOnly = 1;
    private const int Truncate = 0x200;
    private const int AppendTo = 0x400;
    private const int DefaultMode = 0x1A4;

    internal static void Read(AgentStream stream, AgentRequest request)
    {
        var path = FolderOperations.PathOf(request);
        var entry = FileEntry.Describe(path, follow: true);
        if (entry.Type == "folder")
        {
            throw new OperationException(AgentErrorCode.IsFolder, $"{path} is a folder: use {AgentOperation.FileList}.");
        }

        var file = NativeError.Check(Libc.Open(path, Descriptors.CloseOnExec, 0), $"open {path}");
        try
        {
            if (request.Offset > 0 && Libc.Seek(file, request.Offset, 0) < 0)
            {
                throw new NativeException($"seek {path}", NativeError.Last);
            }

            stream.Reply(new AgentReply { Ok = true, Size = entry.Size });
            Send(stream, file, request.Length ?? long.MaxValue);
        }
        finally
        {
            Descriptors.Close(ref file);
        }
    }

    /// <summary>Replies when the file is open, and again with its size when the host has sent all.</summary>
    internal static void Write(AgentStream stream, StreamInput input, AgentRequest request)
    {
        var path = FolderOperations.PathOf(request);
        if (request.Parents)
        {
            FolderOperations.MakeParents(path, request.User ?? SpawnPlan.DefaultUser);
        }

        var file = OpenForWriting(request, path, request.Append ? AppendTo : Truncate);
        try
        {
            stream.Reply(AgentReply.Done);
            stream.Widen(Yamux.WideWindow);
            while (input.Read(stream) is { } piece)
            {
                fixed (byte* start = piece.Span)
                {
                    _ = Descriptors.Write(file, start, piece.Length);
                }
            }

            stream.Reply(new AgentReply { Ok = true, Size = FileEntry.Describe(path, follow: true).Size });
            stream.Finish();
        }
        finally
        {
            Descriptors.Close(ref file);
        }
    }

    /// <summary>A small file in one message, with the folders that it is in.</summary>
    internal static AgentReply Put(AgentRequest request)
    {
        var path = FolderOperations.PathOf(request);
        FolderOperations.MakeParents(path, request.User ?? SpawnPlan.DefaultUser);
        var file = OpenForWriting(request, path, Truncate);
        try
        {
            fixed (byte* start = request.Data)
            {
                _ = Descriptors.Write(file, start, request.Data?.Length ?? 0);
            }

            return AgentReply.Done;
        }
        finally
        {
            Descriptors.Close(ref file);
        }
    }

    /// <summary>Opens or makes the file, with the owner and the mode that the request names.</summary>
    private static int OpenForWriting(AgentRequest request, string path, int flags)
    {
        var mode = request.Mode ?? DefaultMode;
        var file = NativeError.Check(Libc.Open(path, WriteOnly | Create | Descriptors.CloseOnExec | flags, mode), $"open {path}");
        try
        {
            var user = request.User ?? SpawnPlan.DefaultUser;
            _ = Libc.ChangeOwner(file, user.Uid, user.Gid);
            if (request.Mode is not null)
            {
                NativeError.Check(Libc.ChangeMode(file, mode), $"chmod {path}");
            }

            if (request.Attributes is { } attributes)
            {
                ExtendedAttributes.Replace(path, attributes);
            }

            return file;
        }
        catch
        {
            Descriptors.Close(ref file);
            throw;
        }
    }

    private static void Send(AgentStream stream, int file, long length)
    {
        var frame = (byte*)NativeMemory.Alloc(YamuxHeader.Size + Yamux.MaximumData);
        try
        {
            while (length > 0 && stream.WaitWindow(1) is var window and > 0)
            {
                var read = Descriptors.Read(file, frame + YamuxHeader.Size, (int)Math.Min(window, length));
                if (read == 0 || !stream.Send(frame, read))
                {
                    break;
                }

                length -= read;
            }

            stream.Finish();
        }
        finally
        {
            NativeMemory.Free(frame);
        }
    }
}
