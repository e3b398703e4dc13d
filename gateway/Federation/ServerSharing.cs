namespace ToolRuntime.Gateway.Federation;

/// <summary>Whose calls meet in one connection to a server, and so in the server's state.</summary>
public enum ServerSharing
{
    /// <summary>Those of one session; those of one caller where it names none.</summary>
    Session,

    /// <summary>Those of one caller.</summary>
    Caller,

    /// <summary>Those of one tenant.</summary>
    Tenant,

    /// <summary>Nobody's: each call has its own.</summary>
    Call,
}
