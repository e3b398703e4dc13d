using System.CommandLine;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Har;
using ToolRuntime.OpenApi.Reports;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Cli.Apis;

/// <summary><c>toolrt convert</c>: what would become of a document, without a server.</summary>
internal static class ConvertCommand
{
    private static readonly Option<bool> s_report = new("--report") { Description = "Say what became of every operation: tools, refusals with their places, warnings" };
    private static readonly Option<double?> s_failUnder = new("--fail-under") { Description = "End with 1 when fewer per cent of the operations can be called" };
    private static readonly Option<string?> s_host = new("--host") { Description = "For a HAR recording: only requests to this host (default: the one with the most)" };
    private static readonly Option<string?> s_lock = new("--lock") { Description = "File that keeps the tools' names: read when it is there, and written" };

    public static void AddTo(RootCommand root)
    {
        var command = new Verb("convert",
            "Shows what would become of an API's document, without a server: the tools, or with --report the coverage.",
            "toolrt convert --report ./spec.json",
            "toolrt convert ./openapi.yaml --json > tools.json",
            "toolrt convert ./openapi.yaml --fail-under 99 --lock names.lock.json",
            "toolrt convert ./recording.har > draft.yaml")
        { ApiArguments.Source, ApiArguments.Name, s_report, s_failUnder, s_lock, s_host };
        foreach (var option in ApiArguments.Filters)
        {
            command.Options.Add(option);
        }

        command.SetAction(RunAsync);
        root.Subcommands.Add(command);
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var source = arguments.GetValue(ApiArguments.Source)!;
        if (Path.GetExtension(source).Equals(".har", StringComparison.OrdinalIgnoreCase))
        {
            return await DraftAsync(source, arguments.GetValue(s_host), cancellationToken);
        }

        var package = await new LiveApi(arguments, source).ReadAsync(cancellationToken);
        try
        {
            var model = await ApiReading.ModelAsync(package, cancellationToken);
            var name = arguments.GetValue(ApiArguments.Name) ?? ApiNames.From(model.Title);
            var lockFile = arguments.GetValue(s_lock);
            var known = File.Exists(lockFile) ? await File.ReadAllBytesAsync(lockFile, cancellationToken) : (ReadOnlyMemory<byte>?)null;
            var settings = ApiArguments.Settings(arguments, package.Root, isFetched: false);
            var toolset = ApiReading.Tools(model, settings, settings.Prefix ?? $"{name}_", known);
            if (lockFile is not null)
            {
                await File.WriteAllBytesAsync(lockFile, toolset.Lock.ToJson(), cancellationToken);
            }

            return Print(arguments, toolset);
        }
        catch (Exception error) when (error is ApiDocumentException or FunctionFaultException)
        {
            throw new CommandFailedException(ExitCodes.Refused, $"{source}: {error.Message}");
        }
    }

    private static async Task<int> DraftAsync(string recording, string? host, CancellationToken cancellationToken)
    {
        try
        {
            Console.Out.Write(HarDraft.Write(await File.ReadAllBytesAsync(recording, cancellationToken), host, new ReadOptions()));
            await Console.Error.WriteLineAsync("a draft from what was recorded: review it, then register it with 'toolrt openapi'");
            return ExitCodes.Done;
        }
        catch (Exception error) when (error is ApiDocumentException or IOException)
        {
            throw new CommandFailedException(ExitCodes.Refused, $"{recording}: {error.Message}");
        }
    }

    private static int Print(ParseResult arguments, ApiToolset toolset)
    {
        var ledger = toolset.Ledger();
        var json = arguments.GetValue(InstanceArguments.Json);
        if (arguments.GetValue(s_report))
        {
            Report(ledger, json);
        }
        else
        {
            Tools(toolset, json);
        }

        if (arguments.GetValue(s_failUnder) is { } least && ledger.CallablePercent < least)
        {
            Console.Error.WriteLine($"{ledger.CallablePercent:0.##} % of the operations can be called, fewer than {least:0.##} %");
            return ExitCodes.ToolError;
        }

        return ExitCodes.Done;
    }

    private static void Report(ConversionLedger ledger, bool json)
    {
        if (json)
        {
            Printer.Json(JsonElement.Parse(CoverageReport.ToJson(ledger)));
        }
        else
        {
            Console.Out.Write(CoverageReport.ToText(ledger));
        }
    }

    private static void Tools(ApiToolset toolset, bool json)
    {
        if (!json)
        {
            foreach (var tool in toolset.Tools)
            {
                Console.Out.WriteLine($"{tool.Name}  {tool.Operation.Key}  {tool.Description.Split('\n', 2)[0]}");
            }

            return;
        }

        using var output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteStartArray("tools"u8);
        foreach (var tool in toolset.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, tool.Name);
            writer.WriteString("description"u8, tool.Description);
            writer.WritePropertyName("inputSchema"u8);
            writer.WriteRawValue(tool.InputSchema.Span);
            if (tool.OutputSchema is { } schema)
            {
                writer.WritePropertyName("outputSchema"u8);
                writer.WriteRawValue(schema.Span);
            }

            writer.WritePropertyName("annotations"u8);
            writer.WriteRawValue(tool.Annotations.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
