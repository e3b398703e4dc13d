using System.Text.Json;

using ToolRuntime.Bus.Mailboxes;
using ToolRuntime.Bus.State;
using ToolRuntime.Cli.Output;
using ToolRuntime.Sandbox.Docker;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Cli.Up;

/// <summary>The section <c>toolruntime</c> of host.json, typed. The only place that reads configuration keys.</summary>
internal sealed record HostSettings
{
    public long QueueBytes { get; init; } = 1L << 30;

    public long SessionBytes { get; init; } = 2L << 30;

    public int Partitions { get; init; } = 4;

    public int Replicas { get; init; } = 1;

    public int MaximumConsumers { get; init; } = 450;

    public int CanarySeconds { get; init; } = 5;

    public long DiskHeadroomBytes { get; init; } = 64L << 20;

    public string Platform { get; init; } = "auto";

    /// <summary>The gVisor build to use, or null to find or fetch one.</summary>
    public string? RunscPath { get; init; }

    /// <summary>Socket of a Docker Engine whose images may be used, or null.</summary>
    public string? DockerSocket { get; init; }

    public string DockerRuntime { get; init; } = "runsc";

    public bool DockerAllowsRunc { get; init; }

    /// <summary>The Docker Engine whose images may be used, or null.</summary>
    public DockerOptions? DockerEngine() => DockerSocket is { } socket ? new DockerOptions { Socket = socket, Runtime = DockerRuntime, AllowsRunc = DockerAllowsRunc } : null;

    public int MaximumSandboxes { get; init; } = 64;

    public int WarmTarget { get; init; } = 2;

    public int WarmIdleSeconds { get; init; } = 300;

    public int MaximumActiveSeconds { get; init; } = 28_800;

    public int KeepPausedDays { get; init; } = 30;

    public long VolumeQuotaMiB { get; init; } = VolumeOptions.DefaultQuotaMiB;

    public int Capacity { get; init; } = 1024;

    public int DrainSeconds { get; init; } = 20;

    public int MaximumDeliveries { get; init; } = 5;

    public int OutputMilliseconds { get; init; } = 25;

    public int OutputCharacters { get; init; } = 4096;

    public int KeepVersions { get; init; } = 10;

    public int GraceMinutes { get; init; } = 60;

    public int CacheDays { get; init; } = 7;

    public int CollectMinutes { get; init; } = 10;

    public bool HasSandboxTools { get; init; } = true;

    public bool HasStateTools { get; init; } = true;

    public StateOptions State { get; init; } = new();

    public MailboxOptions Mailboxes { get; init; } = new();

    public long MaximumBodyBytes { get; init; } = 64L << 20;

    public long LargestAppendBytes { get; init; } = 16L << 20;

    public long LargestStreamBytes { get; init; } = 256L << 20;

    public int StreamsPerTenant { get; init; } = 100_000;

    public int ReadersPerStream { get; init; } = 10_000;

    public int LongPollSeconds { get; init; } = 20;

    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Reads <paramref name="path"/>; a missing file gives the defaults. Every mistake is reported at once.</summary>
    public static HostSettings Read(string path)
    {
        if (!File.Exists(path))
        {
            return new HostSettings();
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return From(document.RootElement, path);
        }
        catch (JsonException error)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{path} is not JSON: {error.Message}");
        }
    }

    private static HostSettings From(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new CommandFailedException(ExitCodes.Usage, $"{path} has no settings: it is an object with the member \"toolruntime\"", "docs/schemas/host.schema.json describes every member");
        }

        var reader = new SettingsReader(root, "toolruntime");
        var settings = new HostSettings
        {
            QueueBytes = reader.Number("bus", "queueBytes", 1L << 30, 1L << 20, 1L << 40),
            SessionBytes = reader.Number("bus", "sessionBytes", 2L << 30, 1L << 20, 1L << 40),
            Partitions = (int)reader.Number("bus", "partitions", 4, 1, 16),
            Replicas = (int)reader.Number("bus", "replicas", 1, 1, 5),
            MaximumConsumers = (int)reader.Number("bus", "maximumConsumers", 450, 10, 10_000),
            CanarySeconds = (int)reader.Number("bus", "canarySeconds", 5, 1, 300),
            DiskHeadroomBytes = reader.Number("bus", "diskHeadroomBytes", 64L << 20, 0, 1L << 40),
            Platform = reader.Word("sandbox", "platform", "auto", ["auto", "systrap", "ptrace", "kvm"]),
            RunscPath = reader.Text("sandbox", "runscPath"),
            DockerSocket = reader.Text("docker", "socket"),
            DockerRuntime = reader.Text("docker", "runtime") ?? "runsc",
            DockerAllowsRunc = reader.Word("docker", "allowRunc", "no", ["no", "yes"]) == "yes",
            MaximumSandboxes = (int)reader.Number("sandbox", "maximumSandboxes", 64, 1, 10_000),
            WarmTarget = (int)reader.Number("sandbox", "warmTarget", 2, 0, 1_000),
            WarmIdleSeconds = (int)reader.Number("sandbox", "warmIdleSeconds", 300, 1, 86_400),
            MaximumActiveSeconds = (int)reader.Number("sandboxes", "maximumActiveSeconds", 28_800, 60, 2_592_000),
            KeepPausedDays = (int)reader.Number("sandboxes", "keepPausedDays", 30, 1, 3_650),
            VolumeQuotaMiB = reader.Number("volumes", "quotaMiB", VolumeOptions.DefaultQuotaMiB, 0, VolumeOptions.Quotas.Most),
            Capacity = (int)reader.Number("runtime", "capacity", 1024, 1, 65_536),
            DrainSeconds = (int)reader.Number("runtime", "drainSeconds", 20, 0, 3_600),
            MaximumDeliveries = (int)reader.Number("runtime", "maximumDeliveries", 5, 1, 100),
            OutputMilliseconds = (int)reader.Number("runtime", "outputMilliseconds", 25, 0, 1_000),
            OutputCharacters = (int)reader.Number("runtime", "outputCharacters", 4096, 1, 262_144),
            KeepVersions = (int)reader.Number("collection", "keepVersions", 10, 1, 20),
            GraceMinutes = (int)reader.Number("collection", "graceMinutes", 60, 30, 525_600),
            CacheDays = (int)reader.Number("collection", "cacheDays", 7, 1, 3_650),
            CollectMinutes = (int)reader.Number("collection", "everyMinutes", 10, 1, 1_440),
            HasSandboxTools = reader.Word("gateway", "sandboxTools", "yes", ["yes", "no"]) == "yes",
            HasStateTools = reader.Word("gateway", "stateTools", "yes", ["yes", "no"]) == "yes",
            State = StateOf(reader),
            Mailboxes = MailboxesOf(reader),
            MaximumBodyBytes = reader.Number("gateway", "maximumBodyBytes", 64L << 20, 1L << 10, 1L << 32),
            LargestAppendBytes = reader.Number("streams", "largestAppendBytes", 16L << 20, 1L << 10, 64L << 20),
            LargestStreamBytes = reader.Number("streams", "largestStreamBytes", 256L << 20, 1L << 10, 1L << 40),
            StreamsPerTenant = (int)reader.Number("streams", "streamsPerTenant", 100_000, 1, 10_000_000),
            ReadersPerStream = (int)reader.Number("streams", "readersPerStream", 10_000, 1, 1_000_000),
            LongPollSeconds = (int)reader.Number("streams", "longPollSeconds", 20, 1, 60),
            AllowedHosts = reader.Words("gateway", "allowedHosts"),
            AllowedOrigins = reader.Words("gateway", "allowedOrigins"),
        };
        var mistakes = reader.Mistakes();
        return mistakes.Count == 0
            ? settings
            : throw new CommandFailedException(ExitCodes.Usage, $"{path} has mistakes:{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", mistakes)}", "docs/schemas/host.schema.json describes every member");
    }

    private static StateOptions StateOf(SettingsReader reader) => new()
    {
        MaximumValueBytes = (int)reader.Number("state", "maximumValueBytes", 65_536, 1, 524_288),
        MaximumSessionKeys = (int)reader.Number("state", "maximumSessionKeys", 1_000, 1, 50_000),
        MaximumTenantKeys = (int)reader.Number("state", "maximumTenantKeys", 10_000, 1, 50_000),
        SessionAge = TimeSpan.FromHours(reader.Number("state", "sessionHours", 24, 1, 8_760)),
    };

    private static MailboxOptions MailboxesOf(SettingsReader reader) => new()
    {
        MaximumMessages = (int)reader.Number("mailboxes", "maximumMessages", 1_000, 1, 1_000_000),
        MaximumDeliveries = (int)reader.Number("mailboxes", "maximumDeliveries", 5, 1, 100),
        MaximumBodyBytes = (int)reader.Number("mailboxes", "maximumBodyBytes", 16L << 20, 1_024, 64L << 20),
        MaximumAge = TimeSpan.FromHours(reader.Number("mailboxes", "keepHours", 24, 1, 24)),
    };
}
