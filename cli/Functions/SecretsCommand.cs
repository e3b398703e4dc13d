using System.CommandLine;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Functions;

/// <summary><c>toolrt secrets</c>: values come from stdin or a file, never from arguments.</summary>
internal static class SecretsCommand
{
    private static readonly Argument<string> s_name = new("name") { Description = "The secret's name: letters, digits and _" };
    private static readonly Option<string?> s_file = new("--file") { Description = "File with the value (default: standard input)" };

    public static void AddTo(RootCommand root)
    {
        var set = new Verb("set", "Stores a secret.", "printf %s \"$TOKEN\" | toolrt secrets set SHOP_TOKEN") { s_name, s_file };
        set.SetAction(SetAsync);
        var list = new Verb("list", "Lists the names of secrets; values are never shown.");
        list.SetAction(ListAsync);
        var remove = new Verb("rm", "Removes a secret.") { s_name };
        remove.SetAction(RemoveAsync);
        root.Subcommands.Add(new Verb("secrets", "Secrets that functions get as environment ('toolrt deploy --secret NAME').") { set, list, remove });
    }

    private static async Task<int> SetAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var value = arguments.GetValue(s_file) is { } file
            ? await File.ReadAllBytesAsync(file, cancellationToken)
            : await ReadInputAsync(cancellationToken);
        if (value.Length == 0)
        {
            throw new CommandFailedException(ExitCodes.Usage, "the value is empty", "give it on standard input or with --file");
        }

        using var body = new ByteArrayContent(value);
        await client.JsonAsync(HttpMethod.Put, PathOf(arguments), body, cancellationToken);
        return ExitCodes.Done;
    }

    private static async Task<int> ListAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var result = await client.JsonAsync(HttpMethod.Get, "/admin/secrets", null, cancellationToken);
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(result);
        }
        else
        {
            foreach (var secret in result.Items("secrets"))
            {
                Console.Out.WriteLine(secret.ValueKind == System.Text.Json.JsonValueKind.String ? secret.GetString() : secret.Text("name"));
            }
        }

        return ExitCodes.Done;
    }

    private static async Task<int> RemoveAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        await client.JsonAsync(HttpMethod.Delete, PathOf(arguments), null, cancellationToken);
        return ExitCodes.Done;
    }

    private static string PathOf(ParseResult arguments) => $"/admin/secrets/{Uri.EscapeDataString(arguments.GetValue(s_name)!)}";

    private static async Task<byte[]> ReadInputAsync(CancellationToken cancellationToken)
    {
        using var value = new MemoryStream();
        await Console.OpenStandardInput().CopyToAsync(value, cancellationToken);
        return value.ToArray();
    }
}
