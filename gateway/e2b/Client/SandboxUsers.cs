using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Client;

/// <summary>Users of sandboxes by their names. The two that every image has are not asked for.</summary>
public sealed class SandboxUsers(SandboxClient client)
{
    /// <summary>Whose processes and files are meant where nobody is named.</summary>
    public const string Default = "user";

    private static readonly SandboxUser s_user = new(Default, 1000, 1000, "/home/user");
    private static readonly SandboxUser s_root = new("root", 0, 0, "/root");

    /// <summary>A user, the sandbox's own where nobody is named; or null where the sandbox has none of that name.</summary>
    public async ValueTask<SandboxUser?> FindAsync(SandboxRecord sandbox, string? name, CancellationToken cancellationToken)
    {
        name = name is { Length: > 0 } ? name : sandbox.Settings.User;
        switch (name)
        {
            case null or "" or Default:
                return s_user;
            case "root":
                return s_root;
        }

        try
        {
            var reply = await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.User, Name = name }, cancellationToken);
            return new SandboxUser(name, reply.Uid, reply.Gid, reply.Home is { Length: > 0 } home ? home : "/");
        }
        catch (AgentException error) when (error.Code == AgentErrorCode.NotFound)
        {
            return null;
        }
    }
}
