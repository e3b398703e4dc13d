using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>Looks up a user of the sandbox.</summary>
internal static class UserOperation
{
    internal static AgentReply Run(AgentRequest request) => AccountNames.Now().Find(request.Name ?? "") is { } user
        ? new AgentReply { Ok = true, Uid = user.Uid, Gid = user.Gid, Home = user.Home, Shell = user.Shell }
        : throw new OperationException(AgentErrorCode.NotFound, $"There is no user '{request.Name}' in this sandbox.");
}
