using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Up;
using ToolRuntime.Sandbox.Images;

namespace ToolRuntime.Cli.Images;

/// <summary><c>toolrt image</c>: the images of sandboxes. They lie in the machine's cache, so no instance is asked.</summary>
internal static class ImageCommands
{
    public static void AddTo(RootCommand root)
    {
        var list = new Verb("list", "Lists the images that there are recipes of, and whether each is built.", "toolrt image list", "toolrt image list --json");
        list.SetAction(List);
        root.Subcommands.Add(new Verb("image",
            "Images of sandboxes: what there is, and archives of them for other engines. Needs no instance.",
            "toolrt image list",
            "toolrt image export code-interpreter code-interpreter.tar")
        {
            list, ExportCommand.Make(),
        });
    }

    /// <summary>The images of this installation.</summary>
    public static ImageStore Open() => new(Installation.File("sandbox/images"), Installation.Cache, TimeProvider.System) { KernelFolder = Installation.Kernels };

    /// <summary>A size for people.</summary>
    public static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");

    private static int List(ParseResult arguments)
    {
        using var images = Open();
        var found = images.Names().Select(images.StateOf).ToList();
        if (arguments.GetValue(InstanceArguments.Json))
        {
            Printer.Json(JsonSerializer.SerializeToElement(new JsonObject { ["images"] = new JsonArray([.. found.Select(Json)]) }));
            return ExitCodes.Done;
        }

        Printer.Table(["NAME", "BUILT", "SIZE", "CONTENT", "DESCRIPTION"], found.Select(i => (IReadOnlyList<string>)
        [
            i.Recipe.Name, i.IsBuilt ? "yes" : "no", i.Bytes is { } bytes ? Size(bytes) : "", i.Digest[..12], i.Recipe.Description ?? "",
        ]));
        return ExitCodes.Done;
    }

    private static JsonObject Json(ImageState image) => new()
    {
        ["name"] = image.Recipe.Name,
        ["built"] = image.IsBuilt,
        ["bytes"] = image.Bytes,
        ["content"] = image.Digest,
        ["description"] = image.Recipe.Description,
    };
}
