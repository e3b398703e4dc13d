using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Up;

/// <summary><c>toolrt up</c>: starts an instance, in the foreground or detached.</summary>
internal static class UpCommand
{
    private const int StandardPort = 7071;
    private static readonly Option<int> s_port = new("--port") { Description = "TCP port", DefaultValueFactory = _ => StandardPort };
    private static readonly Option<string> s_listen = new("--listen") { Description = "Address to listen on; other than loopback needs --keys", DefaultValueFactory = _ => "127.0.0.1", HelpName = "ADDRESS" };
    private static readonly Option<bool> s_detach = new("--detach", "-d") { Description = "Return once it is ready; 'toolrt down' ends it" };
    private static readonly Option<Role> s_role = new("--role") { Description = "Which parts to run: All, Gateway or Runtime", DefaultValueFactory = _ => Role.All };
    private static readonly Option<string?> s_nats = new("--nats") { Description = "An own NATS server (nats://user@host:port or tls://…, password in $TOOLRT_NATS_PASSWORD_FILE) instead of a supervised child", HelpName = "URL" };
    private static readonly Option<string?> s_natsCredentials = new("--nats-creds") { Description = "File (mode 0600) with a .creds file, an nkey seed or a token for --nats", HelpName = "FILE" };
    private static readonly Option<string?> s_natsAuthorities = new("--nats-ca") { Description = "PEM file of the authorities that a tls:// server is trusted by", HelpName = "FILE" };
    private static readonly Option<string?> s_natsCertificate = new("--nats-cert") { Description = "PEM file of this client's certificate for a tls:// server", HelpName = "FILE" };
    private static readonly Option<string?> s_natsKey = new("--nats-key") { Description = "PEM file of its key", HelpName = "FILE" };
    private static readonly Option<string?> s_keys = new("--keys") { Description = "File (mode 0600) with lines 'key tenant subject'", HelpName = "FILE" };
    private static readonly Option<string?> s_config = new("--config") { Description = "host.json (default: that of this checkout)", HelpName = "FILE" };
    private static readonly Option<int> s_tls = new("--tls-port") { Description = "TCP port of https://{port}-{sandbox}.sbx.localhost, by which browsers reach ports of sandboxes; 0 for none", DefaultValueFactory = _ => 0 };
    private static readonly Option<bool> s_verbose = new("--verbose", "-v") { Description = "Log what happens, not only what goes wrong" };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("up",
            "Starts everything: the message server, the runtime with its sandboxes, and the gateway.",
            "toolrt up",
            "toolrt up --detach --port 8080 --data /srv/tools")
        { s_port, s_listen, s_detach, s_role, s_nats, s_natsCredentials, s_natsAuthorities, s_natsCertificate, s_natsKey, s_keys, s_config, s_tls, s_verbose };
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (folder, options) = (InstanceArguments.Folder(arguments), Read(arguments));
        if (folder.Running() is { } running)
        {
            throw new CommandFailedException(ExitCodes.Refused, $"an instance runs on {folder.Path} already: {running.Url} (process {running.Pid})", "end it with 'toolrt down', or start another with --data and --port");
        }

        if (arguments.GetValue(s_detach))
        {
            return await Detached.StartAsync(folder, options, cancellationToken);
        }

        return await Foreground.RunAsync(folder, options, cancellationToken);
    }

    private static string? FileOf(ParseResult arguments, Option<string?> option) => arguments.GetValue(option) is not { } file || File.Exists(file)
        ? arguments.GetValue(option)
        : throw new CommandFailedException(ExitCodes.Usage, $"{option.Name} {file}: there is no such file");

    private static UpOptions Read(ParseResult arguments)
    {
        var port = arguments.GetValue(s_port);
        if (port is < 1 or > 65535)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"--port {port} is not from 1 to 65535");
        }

        return new UpOptions
        {
            Address = arguments.GetValue(s_listen)!,
            Port = port,
            Role = arguments.GetValue(s_role),
            Nats = arguments.GetValue(s_nats) is { } nats ? NatsAddress.Read(nats) : null,
            NatsCredentials = FileOf(arguments, s_natsCredentials),
            NatsAuthorities = FileOf(arguments, s_natsAuthorities),
            NatsCertificate = FileOf(arguments, s_natsCertificate),
            NatsKey = FileOf(arguments, s_natsKey),
            Keys = arguments.GetValue(s_keys),
            ConfigurationPath = arguments.GetValue(s_config) is not { } file ? Installation.File("host.json")
                : File.Exists(file) ? file
                : throw new CommandFailedException(ExitCodes.Usage, $"--config {file}: there is no such file"),
            TlsPort = arguments.GetValue(s_tls) is >= 0 and <= 65535 and var tls ? tls : throw new CommandFailedException(ExitCodes.Usage, $"--tls-port {arguments.GetValue(s_tls)} is not from 0 to 65535"),
            Verbose = arguments.GetValue(s_verbose),
        };
    }
}
