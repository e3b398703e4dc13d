using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>A file of descriptions, with what it defines and what it needs. Some servers leave out what a file imports: it is found again by the types that it uses.</summary>
internal sealed class DescribedFile
{
    private readonly FileDescriptorProto _file;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no file of descriptions.</exception>
    public DescribedFile(ByteString bytes)
    {
        _file = FileDescriptorProto.Parser.ParseFrom(bytes);
        var prefix = _file.Package.Length == 0 ? "" : "." + _file.Package;
        Defined = [.. _file.EnumType.Select(e => $"{prefix}.{e.Name}"), .. _file.MessageType.SelectMany(m => Names(m, prefix))];
        Used =
        [
            .. _file.MessageType.SelectMany(m => Types(m, $"{prefix}.{m.Name}")),
            .. _file.Service.SelectMany(s => s.Method).SelectMany(m => (string[])[m.InputType, m.OutputType]).Select(t => Candidates(t, prefix)),
        ];
    }

    /// <summary>Its name, such as <c>google/protobuf/timestamp.proto</c>.</summary>
    public string Name => _file.Name;

    /// <summary>The files that it says it imports.</summary>
    public IReadOnlyList<string> Imports => _file.Dependency;

    /// <summary>The types that it defines, each with a dot before it.</summary>
    public HashSet<string> Defined { get; }

    /// <summary>The types that it uses, likewise; each as the names that it may mean, the nearest first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Used { get; }

    /// <summary>Its bytes.</summary>
    public ByteString Bytes => _file.ToByteString();

    /// <summary>Adds an import.</summary>
    public void Import(string name)
    {
        if (name != Name && !_file.Dependency.Contains(name))
        {
            _file.Dependency.Add(name);
        }
    }

    private static IEnumerable<string> Names(DescriptorProto message, string prefix)
    {
        var name = $"{prefix}.{message.Name}";
        return [name, .. message.EnumType.Select(e => $"{name}.{e.Name}"), .. message.NestedType.SelectMany(n => Names(n, name))];
    }

    private static IEnumerable<IReadOnlyList<string>> Types(DescriptorProto message, string name) =>
    [
        .. message.Field.Where(f => f.TypeName.Length > 0).Select(f => Candidates(f.TypeName, name)),
        .. message.NestedType.SelectMany(n => Types(n, $"{name}.{n.Name}")),
    ];

    /// <summary>A name with a dot before it is whole; another is looked for from the scope that it is used in outwards.</summary>
    private static IReadOnlyList<string> Candidates(string type, string scope)
    {
        if (type.StartsWith('.'))
        {
            return [type];
        }

        var names = new List<string>();
        for (var at = scope; ; at = at[..at.LastIndexOf('.')])
        {
            names.Add($"{at}.{type}");
            if (at.Length == 0)
            {
                return names;
            }
        }
    }
}
