using System.CommandLine;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Up;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Checks;

namespace ToolRuntime.Cli.Doctor;

/// <summary><c>toolrt doctor</c>: checks the machine and says how to mend it.</summary>
internal static class DoctorCommand
{
    private const string PipModule = "/usr/lib/python3/dist-packages/pip";

    private static readonly (string Name, string Package, string Use)[] s_programs =
    [
        ("nats-server", "nats-server", "every instance"),
        ("dotnet", "dotnet-sdk-10.0", "the build, and deploys of C# scripts with NuGet packages"),
        ("npm", "npm", "the images, and deploys with package.json or npx"),
        ("gcc", "gcc", "the build of the in-sandbox agent"),
        ("git", "git", "a clone that stays up to date"),
    ];

    private static readonly Option<bool> s_isolation = new("--isolation") { Description = "Also try to get out of sandboxes, with every probe there is" };
    private static readonly Option<string?> s_config = new("--config") { Description = "host.json (default: that of this checkout)", HelpName = "FILE" };
    private static readonly Option<string[]> s_images = new("--image") { Description = "Image whose sandboxes are tried, as often as wanted (default: code); docker:NAME for one of the Docker Engine", HelpName = "IMAGE" };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("doctor",
            "Checks what this machine must have and says how to mend what is missing. Changes nothing.",
            "toolrt doctor",
            "toolrt doctor --isolation",
            "toolrt doctor --isolation --image docker:python:3.13-slim")
        { s_isolation, s_images, s_config };
        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var settings = HostSettings.Read(arguments.GetValue(s_config) ?? Installation.File("host.json"));
        var options = new SandboxOptions
        {
            WorkFolder = InstanceArguments.Folder(arguments).File("sandboxes"),
            CacheFolder = Installation.Cache,
            AgentPath = Environment.GetEnvironmentVariable("TOOLRT_AGENT") ?? "",
            SdkFolder = Installation.Sdk,
            KernelFolder = Installation.Kernels,
            RecipeFolder = Installation.File("sandbox/images"),
            Platform = settings.Platform,
            RunscPath = settings.RunscPath,
            Docker = settings.DockerEngine(),
        };
        var checks = new List<SandboxCheck>(await SandboxDoctor.CheckAsync(options, cancellationToken));
        checks.AddRange(s_programs.Select(Program));
        checks.Add(Pip());
        if (arguments.GetValue(s_isolation))
        {
            var own = options with { WorkFolder = InstanceArguments.Folder(arguments).File("doctor") };
            checks.AddRange(await IsolationCheck.RunAsync(own, arguments.GetValue(s_images) is { Length: > 0 } images ? images : ["code"], cancellationToken));
        }

        Print(checks, arguments.GetValue(InstanceArguments.Json));
        return checks.Any(c => c.Outcome == CheckOutcome.Failed) ? ExitCodes.MachineLacks : ExitCodes.Done;
    }

    private static SandboxCheck Program((string Name, string Package, string Use) program)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(f => Path.Combine(f, program.Name)).FirstOrDefault(File.Exists);
        return found is not null
            ? new SandboxCheck(program.Name, CheckOutcome.Ok, found)
            : new SandboxCheck(program.Name, CheckOutcome.Failed, $"not on PATH; needed for {program.Use}", Install(program.Package));
    }

    /// <summary>Debian's own, as deploys use it: one that came with another Python does not count.</summary>
    private static SandboxCheck Pip() => Directory.Exists(PipModule)
        ? new SandboxCheck("pip", CheckOutcome.Ok, PipModule)
        : new SandboxCheck("pip", CheckOutcome.Failed, "Debian's Python has none; needed for deploys with requirements.txt", Install("python3-pip"));

    private static string Install(string package) => $"apt-get update && apt-get install -y --no-install-recommends {package}";

    private static void Print(List<SandboxCheck> checks, bool json)
    {
        if (json)
        {
            using var output = Console.OpenStandardOutput();
            using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
            writer.WriteStartArray();
            foreach (var check in checks)
            {
                writer.WriteStartObject();
                writer.WriteString("name", check.Name);
                writer.WriteString("outcome", check.Outcome.ToString());
                writer.WriteString("message", check.Message);
                writer.WriteString("mend", check.Mend);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            return;
        }

        Printer.Table(["", "check", "finding", "how to mend"], checks.Select(c => (IReadOnlyList<string>)[c.Outcome.ToString().ToLowerInvariant(), c.Name, c.Message, c.Mend ?? ""]));
    }
}
