using Google.Protobuf;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Asks a server for its own description (grpc.reflection.v1, else v1alpha, which are alike on the wire).</summary>
internal sealed class ReflectionClient(GrpcChannel channel, string host, CancellationToken deadline) : IDescriptions
{
    private const uint FileByName = (3 << 3) | 2;
    private const uint FileBySymbol = (4 << 3) | 2;
    private const uint ListServices = (7 << 3) | 2;
    private const uint ServerError = (7 << 3) | 2;

    private string _version = "v1";

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        var answer = await AskAsync(ListServices, "", cancellationToken);
        return [.. Fields(answer, 6).SelectMany(l => Fields(l, 1)).SelectMany(s => Fields(s, 1)).Select(n => n.ToStringUtf8()).Where(n => !n.StartsWith("grpc.reflection.", StringComparison.Ordinal))];
    }

    public async Task<IReadOnlyList<ByteString>> FilesOfAsync(string symbol, CancellationToken cancellationToken) =>
        [.. Fields(await AskAsync(FileBySymbol, symbol, cancellationToken), 4).SelectMany(f => Fields(f, 1))];

    public async Task<IReadOnlyList<ByteString>> FileAsync(string name, CancellationToken cancellationToken) =>
        [.. Fields(await AskAsync(FileByName, name, cancellationToken), 4).SelectMany(f => Fields(f, 1))];

    /// <summary>The values of a field that is a string, bytes or a message.</summary>
    private static IEnumerable<ByteString> Fields(ByteString message, int number)
    {
        var input = message.CreateCodedInput();
        while (input.ReadTag() is not 0 and var tag)
        {
            if (tag == (uint)((number << 3) | 2))
            {
                yield return input.ReadBytes();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }

    private async Task<ByteString> AskAsync(uint tag, string argument, CancellationToken cancellationToken)
    {
        var (answer, status) = await TryAsync(tag, argument, cancellationToken);
        if (status.Code == GrpcStatus.Unimplemented && _version == "v1")
        {
            _version = "v1alpha";
            (answer, status) = await TryAsync(tag, argument, cancellationToken);
        }

        if (status.Code != 0 || answer is null)
        {
            throw new ApiFaultException(ApiFaultCode.BadResponse, $"{host} does not describe itself: {status.Name} {status.Message}", "switch server reflection on");
        }

        return Fields(answer, (int)(ServerError >> 3)).FirstOrDefault() is { } error
            ? throw TransportFaults.Bad(host, $"it knows no {argument}: {string.Join(' ', Fields(error, 2).Select(m => m.ToStringUtf8()))}")
            : answer;
    }

    private async Task<(ByteString? Answer, GrpcStatus Status)> TryAsync(uint tag, string argument, CancellationToken cancellationToken)
    {
        using var question = new MemoryStream();
        using (var output = new CodedOutputStream(question, leaveOpen: true))
        {
            output.WriteTag(tag);
            output.WriteString(argument);
        }

        var request = channel.Request($"/grpc.reflection.{_version}.ServerReflection/ServerReflectionInfo", question.ToArray());
        var (status, answer) = (default(GrpcStatus), (ByteString?)null);
        await foreach (var message in channel.CallAsync(request, s => status = s, deadline, cancellationToken))
        {
            answer ??= ByteString.CopyFrom(message);
        }

        return (answer, status);
    }
}
