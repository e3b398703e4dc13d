using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Which server of which session.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Session">The session that has the sandbox or the server's session.</param>
/// <param name="Function">The function that is the server.</param>
/// <param name="Version">Its version; of a remote one what says where it is, so that a changed list cuts no session.</param>
public readonly record struct ServerAddress(string Tenant, string Session, string Function, string Version)
{
    private static readonly ConditionalWeakTable<FunctionVersion, string> s_links = new();

    /// <summary>Whose calls meet there.</summary>
    public ServerSharing Sharing { get; init; }

    /// <summary>Where its pipe leads.</summary>
    public PipeAddress Pipe => new(Tenant, Session, PipeTarget.Mcp, $"{Function}@{Version}");

    /// <summary>Where a pipe to its port leads.</summary>
    public PipeAddress Port => new(Tenant, Session, PipeTarget.Port, $"{Function}@{Version}");

    /// <summary>
    /// The server for a caller: in the session that it named, else in one that belongs to this caller and function alone, so that callers
    /// without sessions (2026-07-28) find the state of their last call again; or as the server's manifest says.
    /// </summary>
    public static ServerAddress For(Caller caller, string? session, FunctionVersion version)
    {
        var (sharing, function) = (SharingOf(version.Manifest), version.Manifest.Name);
        var owner = sharing switch
        {
            ServerSharing.Call => Ids.New(),
            ServerSharing.Tenant => OwnSession(caller.Tenant, "", function),
            ServerSharing.Session when session is not null => session,
            _ => OwnSession(caller.Tenant, caller.Subject, function),
        };
        return new(caller.Tenant, owner, function, LinkOf(version)) { Sharing = sharing };
    }

    /// <summary>What connections to a server of this version share: the version, or for a remote one where it is and what it is told.</summary>
    public static string LinkOf(FunctionVersion version) => version.Manifest.Remote is null ? version.Digest : s_links.GetValue(version, Link);

    /// <summary>Whose calls meet in one server, as its manifest says.</summary>
    public static ServerSharing SharingOf(FunctionManifest manifest) => manifest switch
    {
        { Remote: { } remote } => remote.Sessions switch
        {
            RemoteSessions.Caller => ServerSharing.Caller,
            RemoteSessions.Tenant => ServerSharing.Tenant,
            _ => ServerSharing.Session,
        },
        { Isolation: Isolation.Request } => ServerSharing.Call,
        { Isolation: Isolation.Function } => ServerSharing.Tenant,
        _ => ServerSharing.Session,
    };

    /// <summary>Whether it is the server of a caller, in the session that it named, or null.</summary>
    public bool IsOf(Caller caller, string? session) => Tenant == caller.Tenant && Sharing switch
    {
        ServerSharing.Tenant => true,
        ServerSharing.Call => false,
        ServerSharing.Session when session is not null => Session == session,
        _ => Session == OwnSession(caller.Tenant, caller.Subject, Function),
    };

    private static string Link(FunctionVersion version) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(version.Manifest, FunctionsJson.Default.FunctionManifest)));

    private static string OwnSession(string tenant, string subject, string function) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{subject}\n{function}")).AsSpan(0, 16));
}
