using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Instances;

/// <summary>How a process reaches the message server.</summary>
/// <param name="Url"><c>nats://user@host:port</c>.</param>
/// <param name="PasswordFile">File (mode 0600) with the password, or null where there is none.</param>
internal sealed record NatsAddress(string Url, string? PasswordFile)
{
    /// <summary>The variable of the environment that names <see cref="PasswordFile"/> to a process that joins.</summary>
    public const string PasswordVariable = "TOOLRT_NATS_PASSWORD_FILE";

    /// <summary>What <c>--nats</c> was given.</summary>
    /// <exception cref="CommandFailedException">It is no address, or holds a password.</exception>
    public static string Read(string given)
    {
        if (!Uri.TryCreate(given, UriKind.Absolute, out var url) || url.Scheme is not ("nats" or "tls") || url.Host.Length == 0)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"--nats {(given.Contains('@', StringComparison.Ordinal) ? "…" : given)} is not an address of a message server", "for example nats://user@nats.example.com:4222");
        }

        return url.UserInfo.Contains(':', StringComparison.Ordinal)
            ? throw new CommandFailedException(ExitCodes.Usage, "--nats holds a password, which everybody on this machine sees in the list of processes", $"leave it out, write it to a file of mode 0600 and name that in {PasswordVariable}")
            : given;
    }

    /// <summary>The address of a server with its user in it, as <c>--nats</c> takes it.</summary>
    public static NatsAddress Of(string server, string? user, string? passwordFile) =>
        new(user is null ? server : new UriBuilder(server) { UserName = user }.Uri.ToString().TrimEnd('/'), passwordFile);
}
