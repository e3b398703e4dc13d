using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Writes the body in the media type that the tool has chosen.</summary>
internal sealed class BodyWriter(ApiMedia media, FindResource? find)
{
    private readonly string _essence = MediaTypes.Essence(media.MediaType);

    /// <summary>The body of the arguments that go there; null where none is given and none is needed.</summary>
    public async ValueTask<RequestBody?> WriteAsync(IReadOnlyList<BoundArgument> arguments, bool isRequired, CancellationToken cancellationToken)
    {
        var whole = arguments.FirstOrDefault(a => a.Binding.Target == BindingTarget.WholeBody);
        if (whole.Binding is not null)
        {
            return await WriteWholeAsync(whole.Name, whole.Value, cancellationToken);
        }

        if (arguments.Count == 0 && !isRequired)
        {
            return null;
        }

        var members = arguments.Select(a => (a.Name, Member: a.Binding.Name, a.Value));
        return MediaTypes.IsForm(_essence) || MediaTypes.IsMultipart(_essence)
            ? await WriteFormAsync(media, members, cancellationToken)
            : WriteObject(members);
    }

    private async ValueTask<RequestBody> WriteWholeAsync(string argument, JsonElement value, CancellationToken cancellationToken)
    {
        if (MediaTypes.IsJsonLines(_essence) || MediaTypes.IsJsonSequence(_essence))
        {
            return JsonBody.Sequence(value, MediaTypes.IsJsonSequence(_essence), media.MediaType);
        }

        if (MediaTypes.IsJson(_essence))
        {
            return JsonBody.Of(value, media.MediaType);
        }

        if (value.ValueKind == JsonValueKind.Object && (MediaTypes.IsForm(_essence) || MediaTypes.IsMultipart(_essence)))
        {
            return await WriteFormAsync(AsShown(), value.EnumerateObject().Select(m => (argument, m.Name, m.Value)), cancellationToken);
        }

        if (value.ValueKind == JsonValueKind.Array && MediaTypes.IsMultipart(_essence))
        {
            var parts = new MultipartWriter(AsShown(), find);
            await parts.AddAllAsync(argument, value, cancellationToken);
            return parts.Finish();
        }

        return IsBytes()
            ? await WriteBytesAsync(argument, value, cancellationToken)
            : WriteText(argument, value);
    }

    /// <summary>Parts that the document says nothing of are shown as bytes where each is an argument, but not where the body is one.</summary>
    private ApiMedia AsShown() => media with { HasBytesWhereUntyped = false };

    private async ValueTask<RequestBody> WriteFormAsync(ApiMedia shown, IEnumerable<(string Argument, string Name, JsonElement Value)> members, CancellationToken cancellationToken)
    {
        if (MediaTypes.IsMultipart(_essence))
        {
            var parts = new MultipartWriter(shown, find);
            foreach (var (argument, name, value) in members)
            {
                await parts.AddAsync(argument, name, value, cancellationToken);
            }

            return parts.Finish();
        }

        var form = new StringBuilder();
        var writer = new FormWriter(form);
        foreach (var (argument, name, value) in members)
        {
            writer.Write(argument, name, value, media.Encoding.GetValueOrDefault(name));
        }

        return Text(form.ToString(), Charset.Utf8(media.MediaType));
    }

    private RequestBody WriteObject(IEnumerable<(string Argument, string Name, JsonElement Value)> members) => MediaTypes.IsXml(_essence)
        ? Text(XmlWriter.Write(media.Schema, members), media.MediaType)
        : JsonBody.Of(members.Select(m => (m.Name, m.Value)), MediaTypes.IsRange(_essence) ? "application/json" : media.MediaType);

    private async ValueTask<RequestBody> WriteBytesAsync(string argument, JsonElement value, CancellationToken cancellationToken)
    {
        var isRange = MediaTypes.IsRange(_essence);
        return (await BinaryArgument.ReadAsync(argument, value, isRange ? null : media.MediaType, find, cancellationToken)).Body;
    }

    private RequestBody WriteText(string argument, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return MediaTypes.IsXml(_essence)
                ? Text(XmlWriter.Write(argument, media.Schema, value), media.MediaType)
                : MediaTypes.IsText(_essence) || MediaTypes.IsForm(_essence)
                    ? throw ApiFaultException.Argument(argument, $"must be text: the body is {media.MediaType}")
                    : JsonBody.Of(value, MediaTypes.IsRange(_essence) ? "application/json" : media.MediaType);
        }

        return Text(ArgumentText.Of(argument, value), MediaTypes.IsRange(_essence) ? "text/plain" : media.MediaType);
    }

    /// <summary>Text in the type's charset; without one as UTF-8, which is said where the type's own default is another one.</summary>
    private static BytesBody Text(string text, string mediaType)
    {
        var (bytes, type) = Charset.Encode(text, mediaType);
        var isSaid = bytes.Length == text.Length || type.Contains("charset", StringComparison.OrdinalIgnoreCase) || !type.StartsWith("text/", StringComparison.OrdinalIgnoreCase);
        return new BytesBody(bytes) { ContentType = isSaid ? type : type + "; charset=utf-8" };
    }

    /// <summary>
    /// What is neither JSON nor text nor a form is bytes, as the tool's schema has it; a range that covers everything is what its schema says, and what
    /// the schema encodes stays as the argument has it (OpenAPI 3.1, "Considerations for File Uploads").
    /// </summary>
    private bool IsBytes() => SchemaLook.IsBinary(media.Schema)
        || (SchemaLook.Text(media.Schema, "contentEncoding") is null && !MediaTypes.IsText(_essence) && !MediaTypes.IsForm(_essence) && _essence is not ("*/*" or "application/*"));
}
