using System.Text;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Templates;

/// <summary>Runs commands in the sandbox that a template is built in.</summary>
internal sealed class BuildShell(SandboxClient client, SandboxUsers users, SandboxRecord sandbox, Action<bool, string> line)
{
    /// <summary>Environment of what runs from here on.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs a command to its end; each line of its output is told, or goes to <paramref name="taken"/>.</summary>
    /// <exception cref="TemplateFailedException">There is no such user.</exception>
    public async Task<ProcessExit> RunAsync(string user, string? folder, IReadOnlyList<string> command, CancellationToken cancellationToken, Action<string>? taken = null)
    {
        await using var process = await StartAsync(user, folder, command, cancellationToken);
        return await FollowAsync(process, cancellationToken, taken);
    }

    /// <summary>Waits for the end of a command; each line of its output is told, or goes to <paramref name="taken"/>.</summary>
    public async Task<ProcessExit> FollowAsync(AgentProcess process, CancellationToken cancellationToken, Action<string>? taken = null)
    {
        var (output, errors) = (new Lines(taken ?? (text => line(false, text))), new Lines(text => line(true, text)));
        while (await process.ReadAsync(cancellationToken) is { } piece)
        {
            (piece.IsError ? errors : output).Add(piece.Data.Span);
        }

        output.End();
        errors.End();
        return process.Exit.GetValueOrDefault();
    }

    /// <summary>Starts a command that goes on after it is let go of.</summary>
    /// <exception cref="TemplateFailedException">There is no such user.</exception>
    public async Task<AgentProcess> StartAsync(string user, string? folder, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var found = await UserAsync(user, cancellationToken);
        var request = new AgentRequest
        {
            Op = AgentOperation.Spawn,
            Argv = command,
            Env = new Dictionary<string, string>(Environment, StringComparer.Ordinal) { ["HOME"] = found.Home, ["USER"] = found.Name, ["LOGNAME"] = found.Name },
            Cwd = folder ?? found.Home,
            User = new AgentUser(found.Uid, found.Gid),
            Stdin = false,
            Keep = false,
        };
        var (stream, reply) = await client.OpenAsync(sandbox, request, cancellationToken);
        return new AgentProcess(reply.Id ?? "", reply.Pid, stream);
    }

    /// <summary>Puts a file into the sandbox, owned by root; <paramref name="write"/> writes it.</summary>
    public async Task PutAsync(string to, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        var (stream, _) = await client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.FileWrite, Path = to, Parents = true }, cancellationToken);
        await using var output = stream;
        await write(output);
        await ((IHalfClosable)output).CloseWriteAsync(cancellationToken);
        await AgentExchange.ReadReplyAsync(output, AgentOperation.FileWrite, cancellationToken);
    }

    /// <summary>Makes a folder, and those on its way, owned by a user; one that stands stays as it is.</summary>
    public async Task MakeFolderAsync(string path, string owner, CancellationToken cancellationToken)
    {
        var user = await UserAsync(owner, cancellationToken);
        await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.MakeFolder, Path = path, Recursive = true, User = new AgentUser(user.Uid, user.Gid) }, cancellationToken);
    }

    /// <summary>Removes what lies at a path, if anything does.</summary>
    public async Task RemoveAsync(string path, CancellationToken cancellationToken) =>
        await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.FileRemove, Path = path, Recursive = true }, cancellationToken);

    /// <summary>A user of the sandbox.</summary>
    /// <exception cref="TemplateFailedException">There is no such user.</exception>
    public async Task<SandboxUser> UserAsync(string name, CancellationToken cancellationToken) =>
        await users.FindAsync(sandbox, name, cancellationToken) ?? throw new TemplateFailedException($"command failed: unauthenticated: invalid username: '{name}'");

    /// <summary>Cuts a stream of bytes into lines; a long one is told in parts.</summary>
    private sealed class Lines(Action<string> tell)
    {
        private const int Longest = 4096;
        private readonly List<byte> _line = [];

        public void Add(ReadOnlySpan<byte> bytes)
        {
            foreach (var one in bytes)
            {
                if (one == '\n' || _line.Count == Longest)
                {
                    End();
                }

                if (one is not ((byte)'\n' or (byte)'\r'))
                {
                    _line.Add(one);
                }
            }
        }

        public void End()
        {
            if (_line.Count > 0)
            {
                tell(Encoding.UTF8.GetString([.. _line]));
                _line.Clear();
            }
        }
    }
}
