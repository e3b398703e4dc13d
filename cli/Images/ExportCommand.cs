using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Sandbox.Archives;
using ToolRuntime.Sandbox.Images;

namespace ToolRuntime.Cli.Images;

/// <summary><c>toolrt image export</c>: an image as one file that engines load.</summary>
internal static partial class ExportCommand
{
    private static readonly Argument<string> s_name = new("name") { Description = "The image ('toolrt image list' shows them); built first where it is not yet" };
    private static readonly Argument<string> s_file = new("file") { Description = "The archive to write; one that stands there is replaced once the new one is whole", HelpName = "FILE.tar" };

    private static readonly Option<string> s_tag = new("--tag") { Description = "The image's tag once it is loaded", HelpName = "TAG", DefaultValueFactory = _ => "latest" };

    public static Command Make()
    {
        var export = new Verb("export",
            "Writes an image as an archive: an OCI image layout that 'docker load' takes too. Its name becomes toolrt/NAME:TAG. Needs root.",
            "toolrt image export base base.tar && docker load -i base.tar && docker run --rm -it toolrt/base",
            "toolrt image export code code.tar && toolrt sandbox create docker:toolrt/code    # after docker load",
            "toolrt image export r r.tar && skopeo copy oci-archive:r.tar docker://registry.example.com/team/r:1")
        { s_name, s_file, s_tag };
        export.SetAction(RunAsync);
        return export;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var (name, file) = (arguments.GetValue(s_name)!, arguments.GetValue(s_file)!);
        using var images = ImageCommands.Open();
        Check(images, name, file);
        var tag = TagOf(arguments);
        var steps = new Steps();
        var written = (WrittenArchive?)null;
        await steps.RunAsync(async () => written = await WriteAsync((images, name), file, tag, steps, cancellationToken));
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(JsonSerializer.SerializeToElement(new { file = Path.GetFullPath(file), reference = written!.Reference, digest = written.Digest, id = written.Id, bytes = written.Bytes }));
        }
        else
        {
            Console.Out.WriteLine($"{file}: {written!.Reference}, {ImageCommands.Size(written.Bytes)}, {written.Digest}");
        }

        return ExitCodes.Done;
    }

    private static string TagOf(ParseResult arguments)
    {
        var tag = arguments.GetValue(s_tag)!;
        return Tag().IsMatch(tag)
            ? tag
            : throw new CommandFailedException(ExitCodes.Usage, $"'{tag}' is no tag of an image", "1 to 128 letters, digits, '_', '.' and '-', the first not '.' or '-'");
    }

    private static void Check(ImageStore images, string name, string file)
    {
        if (!images.Names().Contains(name, StringComparer.Ordinal))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"there is no image '{name}'", $"there are: {string.Join(", ", images.Names())}");
        }

        if (file.Length == 0 || Directory.Exists(file) || file.EndsWith('/'))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"'{file}' is no file", $"name the archive, for example {Path.Combine(file, name + ".tar")}");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
        {
            throw new CommandFailedException(ExitCodes.Usage, $"the folder {folder} does not exist", $"mkdir -p {folder}");
        }

        if (!Environment.IsPrivilegedProcess)
        {
            throw new CommandFailedException(ExitCodes.MachineLacks, "exporting an image needs root: only root reads and builds all of a root file system", $"sudo ./toolrt image export {name} {file}");
        }
    }

    private static async Task<WrittenArchive> WriteAsync((ImageStore Images, string Name) of, string file, string tag, Steps steps, CancellationToken cancellationToken)
    {
        var image = await of.Images.EnsureAsync(of.Name, steps, cancellationToken);
        try
        {
            return await ImageArchive.WriteAsync(image, file, tag, steps, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCodes.MachineLacks, $"image {of.Name} cannot be written to {file}: {error.Message}", "it takes the archive's size twice while it is written");
        }
    }

    // The grammar of tags in the OCI distribution specification.
    [GeneratedRegex("^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();
}
