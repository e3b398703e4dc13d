using System.IO.Compression;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>A folder of wheels that stands for a package index; the user of the package manager can read it.</summary>
internal sealed class Wheels : IDisposable
{
    public string Folder { get; } = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"toolrt-wheels-{Guid.NewGuid():n}")).FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Writes a wheel with one module.</summary>
    public async Task AddAsync(string name, string version, string code, CancellationToken cancellationToken)
    {
        var info = $"{name}-{version}.dist-info";
        await using var file = File.Create(Path.Combine(Folder, $"{name}-{version}-py3-none-any.whl"));
        await using var wheel = new ZipArchive(file, ZipArchiveMode.Create);
        foreach (var (path, text) in ((string, string)[])
        [
            ($"{name}.py", code),
            ($"{info}/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
            ($"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ($"{info}/RECORD", ""),
        ])
        {
            await using var entry = await wheel.CreateEntry(path).OpenAsync(cancellationToken);
            await using var writer = new StreamWriter(entry);
            await writer.WriteAsync(text.AsMemory(), cancellationToken);
        }
    }
}
