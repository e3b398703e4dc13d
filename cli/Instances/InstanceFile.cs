using System.Text.Json.Serialization;

using ToolRuntime.Bus.Nats.Server;

namespace ToolRuntime.Cli.Instances;

/// <summary>What a running instance writes into its data folder, so that other commands find it.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="StartTime">Start time of the process, see <see cref="ProcessMark"/>.</param>
/// <param name="Url">Where it answers.</param>
/// <param name="Nats">Its message server, <c>nats://user@host:port</c>, for processes that join it with <c>--nats</c>.</param>
/// <param name="NatsPasswordFile">File with the password for <paramref name="Nats"/>, or null where there is none.</param>
internal sealed record InstanceFile(int Pid, [property: JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)] ulong StartTime, string Url, string? Nats, string? NatsPasswordFile);
