using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Gathers the files that a service needs and builds their descriptors, those that are imported first.</summary>
internal sealed class DescriptorLoader(IDescriptions client, GrpcOptions options, string host)
{
    /// <summary>Files that every implementation has and some servers therefore do not send.</summary>
    private static readonly Dictionary<string, ByteString> s_known = new[]
    {
        TimestampReflection.Descriptor, DurationReflection.Descriptor, EmptyReflection.Descriptor, StructReflection.Descriptor, AnyReflection.Descriptor,
        WrappersReflection.Descriptor, FieldMaskReflection.Descriptor,
    }.ToDictionary(f => f.Name, f => f.SerializedData, StringComparer.Ordinal);

    private readonly Dictionary<string, DescribedFile> _files = new(StringComparer.Ordinal);

    /// <summary>The descriptor of a service.</summary>
    /// <exception cref="ApiFaultException">A file cannot be had, or they do not fit together.</exception>
    public async Task<ServiceDescriptor> LoadAsync(string service, CancellationToken cancellationToken)
    {
        var sent = Add(await client.FilesOfAsync(service, cancellationToken));
        if (sent.Count == 0)
        {
            throw TransportFaults.Bad(host, $"it sends no description of {service}");
        }

        Mend();
        var ordered = new List<string>();
        foreach (var name in sent)
        {
            await OrderAsync(name, ordered, [], cancellationToken);
        }

        try
        {
            return FileDescriptor.BuildFromByteStrings(ordered.Select(n => _files[n].Bytes))
                .SelectMany(f => f.Services).FirstOrDefault(s => s.FullName == service)
                ?? throw TransportFaults.Bad(host, $"its description of {service} does not hold it");
        }
        catch (Exception broken) when (broken is DescriptorValidationException or ArgumentException or InvalidOperationException)
        {
            throw new ApiFaultException(ApiFaultCode.BadResponse, $"{host} describes {service} wrongly: {broken.Message}", innerException: broken);
        }
    }

    private List<string> Add(IEnumerable<ByteString> files)
    {
        var names = new List<string>();
        foreach (var bytes in files)
        {
            var file = Read(bytes);
            names.Add(file.Name);
            _files.TryAdd(file.Name, file);
        }

        return _files.Count <= options.MaxFiles ? names : throw TransportFaults.Bad(host, $"its description has more than {options.MaxFiles} files");
    }

    private async Task OrderAsync(string name, List<string> ordered, HashSet<string> above, CancellationToken cancellationToken)
    {
        if (ordered.Contains(name, StringComparer.Ordinal))
        {
            return;
        }

        if (!above.Add(name))
        {
            throw TransportFaults.Bad(host, $"its file {name} imports itself");
        }

        if (!_files.ContainsKey(name))
        {
            Add(await client.FileAsync(name, cancellationToken));
            Mend();
        }

        var imports = _files.TryGetValue(name, out var file) ? file.Imports : throw TransportFaults.Bad(host, $"it does not send its file {name}");
        foreach (var import in imports)
        {
            await OrderAsync(import, ordered, above, cancellationToken);
        }

        above.Remove(name);
        ordered.Add(name);
    }

    private DescribedFile Read(ByteString bytes)
    {
        try
        {
            return new DescribedFile(bytes);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new ApiFaultException(ApiFaultCode.BadResponse, $"{host} sends a description that cannot be read", innerException: broken);
        }
    }

    /// <summary>Adds the imports that files use without saying so, among the files that were sent and those that everybody has.</summary>
    private void Mend()
    {
        foreach (var bytes in s_known.Where(k => !_files.ContainsKey(k.Key)).Select(k => k.Value))
        {
            var known = Read(bytes);
            _files.Add(known.Name, known);
        }

        var definers = _files.Values.SelectMany(f => f.Defined.Select(d => (Type: d, f.Name))).DistinctBy(d => d.Type, StringComparer.Ordinal).ToDictionary(d => d.Type, d => d.Name, StringComparer.Ordinal);
        foreach (var file in _files.Values)
        {
            foreach (var used in file.Used.Select(u => u.FirstOrDefault(definers.ContainsKey)).OfType<string>())
            {
                file.Import(definers[used]);
            }
        }
    }
}
