namespace ToolRuntime.Cli.Instances;

/// <summary>How a process reaches the message server.</summary>
/// <param name="Url"><c>nats://user@host:port</c>.</param>
/// <param name="PasswordFile">File (mode 0600) with the password, or null where there is none.</param>
internal sealed record NatsAddress(string Url, string? PasswordFile)
{
    /// <summary>The variable of the environment that names <see cref="PasswordFile"/> to a process that joins.</summary>
    public const string PasswordVariable = "TOOLRT_NATS_PASSWORD_FILE";

    /// <summary>The address of a server with its user in it, as <c>--nats</c> takes it.</summary>
    public static NatsAddress Of(string server, string? user, string? passwordFile) =>
        new(user is null ? server : new UriBuilder(server) { UserName = user }.Uri.ToString().TrimEnd('/'), passwordFile);
}
