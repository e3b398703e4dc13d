using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Sandbox.Debian;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Images;

/// <summary>The images of this machine, by content: each root file system is built once, however many processes ask for it.</summary>
public sealed class ImageStore : IDisposable
{
    private readonly string _recipeFolder;
    private readonly string _imageFolder;
    private readonly ImagePrograms _programs;
    private readonly TimeProvider _time;
    private readonly CacheEntries _entries;
    private readonly ConcurrentDictionary<string, FileStream> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SandboxImage> _ready = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _building = new(StringComparer.Ordinal);

    /// <summary>Images made from the recipes of <paramref name="recipeFolder"/>, kept under <paramref name="cacheFolder"/>.</summary>
    public ImageStore(string recipeFolder, string cacheFolder, TimeProvider time)
    {
        _recipeFolder = recipeFolder;
        _imageFolder = Path.Combine(cacheFolder, "images");
        _programs = new ImagePrograms(recipeFolder);
        _time = time;
        _entries = new CacheEntries(Path.Combine(_imageFolder, ".lock"), time);
    }

    /// <summary>Folder of the kernels, of which recipes may name one to be built into the image; null where there are none.</summary>
    public string? KernelFolder { get; init; }

    /// <summary>Folder of what sandboxes see at <c>/toolrt</c>, to be packed with each root; null to leave roots unpacked.</summary>
    public string? ToolsFolder { get; init; }

    /// <summary>The image <paramref name="name"/>, built when it is not there. <paramref name="progress"/> gets each step, with a percentage where it is known.</summary>
    /// <exception cref="SandboxSetupException">There is no such recipe, or building fails; the message has the tool's last output.</exception>
    public async ValueTask<SandboxImage> EnsureAsync(string name, IProgress<string> progress, CancellationToken cancellationToken)
    {
        if (_ready.TryGetValue(name, out var ready) && await IsUsableAsync(FolderOf(ready), cancellationToken))
        {
            return ready;
        }

        var image = Describe(name);
        var folder = FolderOf(image);
        var packed = ToolsFolder is null ? null : PackedRoot.FileIn(folder, ToolsFolder);
        if (await IsUsableAsync(folder, cancellationToken) && (packed is null || IsHeld(packed)))
        {
            return _ready[name] = image with { PackedRoot = packed };
        }

        using var steps = new BuildSteps(_building, name, progress);
        using var held = await CacheLock.TakeAsync(Path.Combine(_imageFolder, $".{image.Digest}.lock"), _time, cancellationToken);
        if (!Directory.Exists(folder))
        {
            await BuildAsync(image.Recipe, folder, steps, cancellationToken);
        }

        if (packed is not null && !IsHeld(packed))
        {
            await PackedRoot.MakeAsync(packed, image.RootFolder, ToolsFolder!, cancellationToken);
            _ = IsHeld(packed);
        }

        await IsUsableAsync(folder, cancellationToken);
        return _ready[name] = image with { PackedRoot = packed };
    }

    /// <summary>Whether there is a recipe of that name.</summary>
    public bool Has(string name) => RecipeReader.Has(_recipeFolder, name);

    /// <summary>How far the build of an image is, as its last step says; null where it is not being built here.</summary>
    public string? Building(string name) => _building.GetValueOrDefault(name);

    /// <summary>The recipe of an image as it stands now.</summary>
    /// <exception cref="SandboxSetupException">There is none.</exception>
    public ImageRecipe RecipeOf(string name) => RecipeReader.Read(_recipeFolder, name);

    /// <summary>Keeps the last step of a build while it goes on, and tells it on.</summary>
    private sealed class BuildSteps : IProgress<string>, IDisposable
    {
        private readonly ConcurrentDictionary<string, string> _building;
        private readonly string _image;
        private readonly IProgress<string> _next;

        public BuildSteps(ConcurrentDictionary<string, string> building, string image, IProgress<string> next)
        {
            (_building, _image, _next) = (building, image, next);
            _building[image] = $"image {image} is being built";
        }

        public void Report(string value)
        {
            _building[_image] = value;
            _next.Report(value);
        }

        public void Dispose() => _building.TryRemove(_image, out _);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _held.Values)
        {
            file.Dispose();
        }
    }

    /// <summary>
    /// Says that the images of the present recipes are used, then removes those of no recipe of any process that shares the cache: nobody has
    /// said so for <paramref name="unusedFor"/>. Returns their folders.
    /// </summary>
    public async Task<IReadOnlyList<string>> CollectAsync(TimeSpan unusedFor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var name in Names())
        {
            await _entries.TryUseAsync(FolderOf(Describe(name)), cancellationToken);
        }

        List<string> removed = [];
        CacheEntries.Sweep(_imageFolder);
        foreach (var folder in Directory.EnumerateDirectories(_imageFolder).Where(f => Path.GetFileName(f) is { Length: 64 } name && name.All(char.IsAsciiHexDigitLower)).ToList())
        {
            if (await _entries.TryRemoveAsync(folder, unusedFor, now, cancellationToken))
            {
                removed.Add(folder);
            }
        }

        return removed;
    }

    /// <summary>The names of all recipes, in order.</summary>
    public IReadOnlyList<string> Names() => [.. Directory.EnumerateFiles(_recipeFolder, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    /// <summary>What an image is made from and whether it stands; builds nothing.</summary>
    /// <exception cref="SandboxSetupException">There is no such recipe, or it is not right.</exception>
    public ImageState StateOf(string name)
    {
        var image = Describe(name);
        return new ImageState(image.Recipe, image.Digest, Directory.Exists(FolderOf(image)) ? ImageState.BytesIn(image.RootFolder) : null);
    }

    /// <summary>Whether the image <paramref name="name"/> stands ready.</summary>
    /// <exception cref="SandboxSetupException">There is no such recipe, or it is not right.</exception>
    public bool IsBuilt(string name) => Directory.Exists(FolderOf(Describe(name)));

    /// <summary>Digest over all that decides what the root file system holds. The environment and the host's folders are not in it: they are given at the start.</summary>
    public static string DigestOf(ImageRecipe recipe, string codename, string? kernel = null, string? programs = null)
    {
        var text = new StringBuilder()
            .AppendLine($"builder {RootfsBuilder.Version}")
            .AppendLine($"suite {codename}");
        foreach (var package in recipe.Packages)
        {
            text.AppendLine($"deb {package}");
        }

        foreach (var package in recipe.Npm)
        {
            text.AppendLine($"npm {package.Name} {package.Version}");
        }

        if (kernel is not null)
        {
            text.AppendLine($"kernel {kernel}");
        }

        if (programs is not null)
        {
            text.AppendLine($"programs {programs}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Whether an image stands; says now and then that it is used.</summary>
    private async ValueTask<bool> IsUsableAsync(string folder, CancellationToken cancellationToken) =>
        _entries.IsInUse(folder) ? Directory.Exists(folder) : await _entries.TryUseAsync(folder, cancellationToken);

    private bool IsHeld(string packed)
    {
        if (_held.ContainsKey(packed))
        {
            return true;
        }

        if (PackedRoot.TryHold(packed) is not { } file)
        {
            return false;
        }

        if (!_held.TryAdd(packed, file))
        {
            file.Dispose();
        }

        return true;
    }

    private static string FolderOf(SandboxImage image) => Path.GetDirectoryName(image.RootFolder)!;

    private SandboxImage Describe(string name)
    {
        var recipe = RecipeReader.Read(_recipeFolder, name);
        var digest = DigestOf(recipe, DebianSources.OsRelease(File.ReadAllText("/etc/os-release"), "VERSION_CODENAME"), KernelBuild.Of(recipe, KernelFolder)?.Digest, _programs.Digest());
        return new SandboxImage(recipe, digest, Path.Combine(_imageFolder, digest, "rootfs"));
    }

    private async Task BuildAsync(ImageRecipe recipe, string folder, IProgress<string> progress, CancellationToken cancellationToken)
    {
        // The lock is ours, so what another build left half done belongs to nobody.
        var work = folder + ".building";
        Mounts.DeleteFolder(work);
        Directory.CreateDirectory(work);
        try
        {
            await new RootfsBuilder(recipe, DebianSources.Read(), work, progress) { Kernel = KernelBuild.Of(recipe, KernelFolder), Programs = _programs }.BuildAsync(cancellationToken);
            Directory.Move(work, folder);
        }
        catch
        {
            Mounts.DeleteFolder(work);
            throw;
        }
    }
}
