using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Streams;

/// <summary><c>toolrt streams</c>: durable streams from the terminal.</summary>
internal static class StreamCommands
{
    private const string OffsetHeader = "Stream-Next-Offset";
    private static readonly Argument<string> s_name = new("name") { Description = "The stream's name, such as chats/42" };
    private static readonly Argument<string> s_text = new("text") { Description = "What is appended, or - for standard input", DefaultValueFactory = _ => "-" };
    private static readonly Option<string?> s_type = new("--type") { Description = "Content type (create: text/plain; append: the stream's)", HelpName = "TYPE" };
    private static readonly Option<long?> s_ttl = new("--ttl") { Description = "Seconds that it lives without being read or written (default: as long as data is kept)", HelpName = "SECONDS" };
    private static readonly Option<bool> s_close = new("--close") { Description = "Nothing can be appended afterwards; readers come to an end" };
    private static readonly Option<string> s_offset = new("--offset") { Description = "Where to begin: -1 for the begin, now for the end, or an offset that a reader was given", DefaultValueFactory = _ => "-1" };
    private static readonly Option<bool> s_follow = new("--follow", "-f") { Description = "Go on with what comes, until the stream is closed" };

    public static void AddTo(RootCommand root)
    {
        var create = new Verb("create", "Makes a stream; one that stands as asked is no error.", "toolrt streams create chats/42 --ttl 3600", "toolrt streams create events --type application/json") { s_name, s_type, s_ttl };
        create.SetAction(CreateAsync);
        var append = new Verb("append", "Appends, and prints the offset behind it.", "toolrt streams append chats/42 'Hello'", "tail -f log.txt | toolrt streams append logs -", "toolrt streams append chats/42 '' --close") { s_name, s_text, s_type, s_close };
        append.SetAction(AppendAsync);
        var read = new Verb("read", "Prints what a stream holds; the offset behind it goes to stderr.", "toolrt streams read chats/42", "toolrt streams read chats/42 --follow --offset now") { s_name, s_offset, s_follow };
        read.SetAction(ReadAsync);
        var remove = new Verb("rm", "Deletes a stream.", "toolrt streams rm chats/42") { s_name };
        remove.SetAction(RemoveAsync);
        root.Subcommands.Add(new Verb("streams",
            "Durable streams: append here, read there, from any offset and live.",
            "toolrt streams create chats/42",
            "toolrt streams read chats/42 --follow &",
            "toolrt streams append chats/42 'Hello'")
        {
            create, append, read, remove,
        });
    }

    private static async Task<int> CreateAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        using var request = new HttpRequestMessage(HttpMethod.Put, PathOf(arguments)) { Content = Body([], arguments.GetValue(s_type) ?? "text/plain") };
        if (arguments.GetValue(s_ttl) is { } ttl)
        {
            request.Headers.Add("Stream-TTL", ttl.ToString(CultureInfo.InvariantCulture));
        }

        using var response = await SendAsync(client, request, cancellationToken);
        Print(arguments, response);
        return ExitCodes.Done;
    }

    private static async Task<int> AppendAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        var type = arguments.GetValue(s_type) ?? await TypeAsync(client, arguments, cancellationToken);
        var closes = arguments.GetValue(s_close);
        if (arguments.GetValue(s_text) is var text and not "-")
        {
            await AppendAsync(client, arguments, Encoding.UTF8.GetBytes(text!), (type, closes), cancellationToken);
            return ExitCodes.Done;
        }

        // What comes is appended as it comes, so that who follows sees it at once.
        await using var input = Console.OpenStandardInput();
        var piece = new byte[64 * 1024];
        for (int length; (length = await input.ReadAsync(piece, cancellationToken)) > 0;)
        {
            await AppendAsync(client, arguments, piece[..length], (type, false), cancellationToken);
        }

        if (closes)
        {
            await AppendAsync(client, arguments, [], (type, true), cancellationToken);
        }

        return ExitCodes.Done;
    }

    private static async Task AppendAsync(AdminClient client, ParseResult arguments, byte[] data, (string Type, bool Closes) how, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, PathOf(arguments)) { Content = Body(data, how.Type) };
        if (how.Closes)
        {
            request.Headers.Add("Stream-Closed", "true");
        }

        using var response = await SendAsync(client, request, cancellationToken);
        Print(arguments, response);
    }

    private static async Task<int> ReadAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        await using var output = Console.OpenStandardOutput();
        var (offset, follows) = (arguments.GetValue(s_offset)!, arguments.GetValue(s_follow));
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{PathOf(arguments)}?offset={Uri.EscapeDataString(offset)}{(follows ? "&live=long-poll" : "")}");
            using var response = await SendAsync(client, request, cancellationToken);
            await response.Content.CopyToAsync(output, cancellationToken);
            await output.FlushAsync(cancellationToken);
            offset = Header(response, OffsetHeader) ?? offset;
            if (Header(response, "Stream-Closed") is not null || (!follows && Header(response, "Stream-Up-To-Date") is not null))
            {
                await Console.Error.WriteLineAsync(offset);
                return ExitCodes.Done;
            }
        }
    }

    private static async Task<int> RemoveAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = InstanceArguments.Connect(arguments);
        using var request = new HttpRequestMessage(HttpMethod.Delete, PathOf(arguments));
        using var response = await SendAsync(client, request, cancellationToken);
        return ExitCodes.Done;
    }

    private static async Task<string> TypeAsync(AdminClient client, ParseResult arguments, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, PathOf(arguments));
        using var response = await client.SendAsync(request, cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound
            ? throw new CommandFailedException(ExitCodes.Refused, $"there is no stream '{arguments.GetValue(s_name)}'", "make it with 'toolrt streams create'")
            : response.Content.Headers.ContentType?.ToString() ?? "application/octet-stream";
    }

    private static async Task<HttpResponseMessage> SendAsync(AdminClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await client.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw Problem.Read(await response.Content.ReadAsStringAsync(cancellationToken), (int)response.StatusCode);
        }
    }

    private static void Print(ParseResult arguments, HttpResponseMessage response)
    {
        var offset = Header(response, OffsetHeader) ?? "";
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(JsonSerializer.SerializeToElement(new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = arguments.GetValue(s_name)!, ["offset"] = offset }));
        }
        else
        {
            Console.Out.WriteLine(offset);
        }
    }

    private static ByteArrayContent Body(byte[] data, string type) => new(data) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    private static string PathOf(ParseResult arguments) => $"/v1/streams/{string.Join('/', arguments.GetValue(s_name)!.Split('/').Select(Uri.EscapeDataString))}";
}
