using System.CommandLine;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Bus;

/// <summary><c>toolrt bus</c>: the message server, for those who run it.</summary>
internal static class BusCommands
{
    public static void AddTo(RootCommand root)
    {
        var verb = new Verb("bus", "Looks at the message server.", "toolrt bus lag", "toolrt bus streams --json")
        {
            Of("health", "Whether it stores, its version, and what a server of that version can.", "/admin/bus/health", null),
            Of("streams", "Streams and buckets, how full they are, and who leads them.", "/admin/bus/streams", ("streams", ["name", "messages", "bytes", "maximumBytes", "consumers", "replicas", "leader"])),
            Of("lag", "Calls that wait or run, by pool, tenant and function.", "/admin/bus/lag", ("lag", ["pool", "tenant", "function", "calls"])),
            Of("sessions", "Sessions of the last day.", "/v1/sessions", ("sessions", ["id", "updatedAt"])),
            Of("dead", "Calls that were given up.", "/v1/jobs?dead=true", ("jobs", ["id", "tool", "function", "updatedAt"])),
        };
        root.Subcommands.Add(verb);
    }

    /// <summary>A verb that prints one document: as it is, or as a table of one of its lists.</summary>
    private static Verb Of(string name, string description, string path, (string List, string[] Columns)? table)
    {
        var verb = new Verb(name, description);
        verb.SetAction(async (arguments, cancellationToken) =>
        {
            using var client = InstanceArguments.Connect(arguments);
            var result = await client.JsonAsync(HttpMethod.Get, path, null, cancellationToken);
            if (table is not { } shown || arguments.GetValue(InstanceArguments.Json))
            {
                Printer.Json(result);
            }
            else
            {
                Printer.Table(shown.Columns, result.Items(shown.List).Select(item => (IReadOnlyList<string>)[.. shown.Columns.Select(column => Cell(item, column))]));
            }

            return ExitCodes.Done;
        });
        return verb;
    }

    private static string Cell(JsonElement item, string column) => item.TryGetProperty(column, out var value) ? value.ToString() : "";
}
