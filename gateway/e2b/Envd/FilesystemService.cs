using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary><c>filesystem.Filesystem</c>: looks at, makes, moves, removes and watches files of a sandbox.</summary>
public sealed class FilesystemService(SandboxClient client, Watchers watchers)
{
    /// <summary>Serves one method.</summary>
    internal Task ServeAsync(EnvdCall call, string method) => method switch
    {
        "Stat" => StatAsync(call),
        "ListDir" => ListAsync(call),
        "MakeDir" => MakeAsync(call),
        "Move" => MoveAsync(call),
        "Remove" => RemoveAsync(call),
        "WatchDir" => WatchAsync(call),
        "CreateWatcher" => CreateWatcherAsync(call),
        "GetWatcherEvents" => EventsAsync(call),
        "RemoveWatcher" => RemoveWatcherAsync(call),
        _ => throw new ConnectException(ConnectError.Unimplemented, $"filesystem.Filesystem has no {method}"),
    };

    private async Task StatAsync(EnvdCall call)
    {
        var path = Resolve(call, (await ReadAsync(call)).Path);
        await EntryAsync(call, await client.AskAsync(call.Sandbox, new AgentRequest { Op = AgentOperation.FileStat, Path = path }, call.Token));
    }

    private async Task ListAsync(EnvdCall call)
    {
        var body = await ReadAsync(call);
        var path = Resolve(call, body.Path);
        var reply = await client.AskAsync(call.Sandbox, new AgentRequest { Op = AgentOperation.FileList, Path = path, Depth = Math.Max(1, body.Depth ?? 1), User = UserOf(call) }, call.Token);
        await E2bReply.WriteAsync(call.Context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("entries"u8);
            foreach (var entry in reply.Entries ?? [])
            {
                EntryInfo.Write(writer, entry);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private async Task MakeAsync(EnvdCall call)
    {
        var path = Resolve(call, (await ReadAsync(call)).Path);
        if (await FindAsync(call, path) is { } present)
        {
            throw present.Type == "folder" || present.TargetType == "folder"
                ? new ConnectException(ConnectError.AlreadyExists, $"directory already exists: {path}")
                : new ConnectException(ConnectError.InvalidArgument, $"path already exists but it is not a directory: {path}");
        }

        var request = new AgentRequest { Op = AgentOperation.MakeFolder, Path = path, Recursive = true, User = UserOf(call) };
        await EntryAsync(call, await client.AskAsync(call.Sandbox, request, call.Token));
    }

    private async Task MoveAsync(EnvdCall call)
    {
        var body = await ReadAsync(call);
        var (source, destination) = (Resolve(call, body.Source), Resolve(call, body.Destination));
        var request = new AgentRequest { Op = AgentOperation.FileRename, Path = source, To = destination, Parents = true, User = UserOf(call) };
        await EntryAsync(call, await client.AskAsync(call.Sandbox, request, call.Token));
    }

    private async Task RemoveAsync(EnvdCall call)
    {
        var path = Resolve(call, (await ReadAsync(call)).Path);
        await client.AskAsync(call.Sandbox, new AgentRequest { Op = AgentOperation.FileRemove, Path = path, Recursive = true }, call.Token);
        await E2bReply.EmptyAsync(call.Context);
    }

    private async Task WatchAsync(EnvdCall call)
    {
        var body = JsonSerializer.Deserialize(await ConnectStream.ReadRequestAsync(call.Context), EnvdJson.Default.FilesystemBody) ?? new FilesystemBody();
        var request = WatchOf(call, body);
        var (watch, _) = await client.OpenAsync(call.Sandbox, request, call.Token);
        await using var events = watch;
        var stream = new ConnectStream(call.Context);
        await stream.WriteAsync(static writer => WriteEmpty(writer, "start"u8));
        using var ending = CallTime.EndOf(call, CallTime.Of(call.Context.Request));
        using var alive = new KeepAlives(call.Context, () => stream.WriteAsync(static writer => WriteEmpty(writer, "keepalive"u8)), ending.Token);
        try
        {
            await FollowAsync(() => alive.NextAsync(AgentExchange.ReadEventAsync(events, ending.Token)), stream);
        }
        catch (OperationCanceledException) when (!call.Token.IsCancellationRequested)
        {
            await stream.EndAsync(ConnectError.DeadlineExceeded, "the time that was given is over");
        }
    }

    private static async Task FollowAsync(Func<ValueTask<AgentFileEvent?>> next, ConnectStream stream)
    {
        while (true)
        {
            if (await next() is not { } happened)
            {
                throw new IOException("The watch ended with its sandbox.");
            }

            if (happened.Type != AgentFileEventType.Overflow)
            {
                await stream.WriteAsync(writer =>
                {
                    writer.WriteStartObject();
                    writer.WritePropertyName("filesystem"u8);
                    EntryInfo.Write(writer, happened);
                    writer.WriteEndObject();
                });
            }
        }
    }

    private static void WriteEmpty(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteStartObject();
        writer.WriteStartObject(name);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private async Task CreateWatcherAsync(EnvdCall call)
    {
        var id = await watchers.CreateAsync(call.Sandbox, WatchOf(call, await ReadAsync(call)), call.Token);
        await E2bReply.WriteAsync(call.Context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("watcherId"u8, id);
            writer.WriteEndObject();
        });
    }

    private async Task EventsAsync(EnvdCall call)
    {
        var id = (await ReadAsync(call)).WatcherId ?? "";
        var events = watchers.Take(call.Sandbox, id) ?? throw NoWatcher(id);
        await E2bReply.WriteAsync(call.Context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("events"u8);
            foreach (var happened in events)
            {
                EntryInfo.Write(writer, happened);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    private async Task RemoveWatcherAsync(EnvdCall call)
    {
        var id = (await ReadAsync(call)).WatcherId ?? "";
        if (!await watchers.RemoveAsync(call.Sandbox, id))
        {
            throw NoWatcher(id);
        }

        await E2bReply.EmptyAsync(call.Context);
    }

    private static ConnectException NoWatcher(string id) => new(ConnectError.NotFound, $"there is no watcher {id}");

    private static AgentRequest WatchOf(EnvdCall call, FilesystemBody body) =>
        new() { Op = AgentOperation.FileWatch, Path = Resolve(call, body.Path), Recursive = body.Recursive, Entries = body.IncludeEntry };

    private async ValueTask<AgentFile?> FindAsync(EnvdCall call, string path)
    {
        try
        {
            return (await client.AskAsync(call.Sandbox, new AgentRequest { Op = AgentOperation.FileStat, Path = path }, call.Token)).Entry;
        }
        catch (AgentException error) when (error.Code == AgentErrorCode.NotFound)
        {
            return null;
        }
    }

    private static Task EntryAsync(EnvdCall call, AgentReply reply) => E2bReply.WriteAsync(call.Context, StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("entry"u8);
        EntryInfo.Write(writer, reply.Entry ?? throw new InvalidDataException("The agent described no file."));
        writer.WriteEndObject();
    });

    private static ValueTask<FilesystemBody> ReadAsync(EnvdCall call) => E2bReply.ReadAsync(call.Context, EnvdJson.Default.FilesystemBody, static () => new FilesystemBody());

    private static string Resolve(EnvdCall call, string? path) =>
        path?.Contains('\0', StringComparison.Ordinal) == true ? throw new ConnectException(ConnectError.InvalidArgument, "a path must not hold a zero byte") : call.User.Resolve(path ?? "");

    private static AgentUser UserOf(EnvdCall call) => new(call.User.Uid, call.User.Gid);
}
