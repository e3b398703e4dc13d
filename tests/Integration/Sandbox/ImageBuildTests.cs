using ToolRuntime.Sandbox.Images;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>While an image is being built, who waits for it can be told.</summary>
public sealed class ImageBuildTests
{
    [Fact]
    public async Task ABuildIsKnownWhileItGoesOn()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-images-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "small.yaml"), "description: nothing but the essential\npackages: [zlib1g]\n");
        using var images = new ImageStore(folder, folder, TimeProvider.System);
        Assert.True(images.Has("small"));
        Assert.False(images.Has("other"));
        using var ending = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var building = images.EnsureAsync("small", new Told(_ => begun.TrySetResult()), ending.Token).AsTask();
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith("image small: ", images.Building("small"), StringComparison.Ordinal);
        await ending.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => building);
        Assert.Null(images.Building("small"));
        Directory.Delete(folder, recursive: true);
    }

    private sealed class Told(Action<string> tell) : IProgress<string>
    {
        public void Report(string value) => tell(value);
    }
}
