namespace ToolRuntime.OpenApi.Faults;

/// <summary>Ways in which a call of an API fails. A closed set.</summary>
public enum ApiFaultCode
{
    /// <summary>An argument cannot be sent: missing, unknown, of the wrong kind, or refused as unsafe. The fault names it.</summary>
    InvalidArgument,

    /// <summary>The source is not configured for this call: no server, no credential, an unknown variable.</summary>
    NotConfigured,

    /// <summary>The address is not one that may be spoken to.</summary>
    AddressRefused,

    /// <summary>The upstream cannot be reached.</summary>
    Unreachable,

    /// <summary>The upstream did not answer, or did not finish, in time.</summary>
    TimedOut,

    /// <summary>The upstream's answer breaks the protocol: wrong length, cut body, bad compression, redirects in circles.</summary>
    BadResponse,

    /// <summary>The upstream's answer is larger than the bounds.</summary>
    TooLarge,

    /// <summary>Too many calls of this source at a time or within a time.</summary>
    Busy,

    /// <summary>The upstream failed so often that it is left alone for a while.</summary>
    CircuitOpen,

    /// <summary>The upstream's token endpoint, or the upstream itself, refuses the credential.</summary>
    CredentialRefused,
}
