namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A deployment finds the disk full: it says so, and what was deployed before still serves.</summary>
public sealed class FullDiskTests
{
    private const long Left = 24L << 20;

    [Fact]
    public async Task ADeployIsRefusedAndTheOldVersionServes()
    {
        var disk = Directory.CreateTempSubdirectory("toolrt-disk-").FullName;
        Succeeded(await CommandResult.OfAsync("mount", ["-t", "tmpfs", "-o", "size=320m", "tmpfs", disk]));
        var data = Path.Combine(disk, "data");
        Succeeded(await Toolrt.RunAsync(data, "up", "--detach", "--port", $"{Toolrt.FreePort()}"));
        var source = Path.Combine(Directory.CreateDirectory(Path.Combine(data, "files")).FullName, "which.py");
        await File.WriteAllTextAsync(source, Which(1));
        Succeeded(await Toolrt.RunAsync(data, "deploy", source));
        await File.WriteAllTextAsync(source, Which(2));
        var filler = Path.Combine(disk, "filler");
        Fill(filler, new DriveInfo(disk).AvailableFreeSpace - Left);

        var refused = await Toolrt.RunAsync(data, "deploy", source);
        var old = Succeeded(await Toolrt.RunAsync(data, "call", "which"));
        File.Delete(filler);
        Succeeded(await Toolrt.RunAsync(data, "deploy", source));
        var now = Succeeded(await Toolrt.RunAsync(data, "call", "which"));
        Succeeded(await Toolrt.RunAsync(data, "down"));
        Succeeded(await CommandResult.OfAsync("umount", [disk]));
        Directory.Delete(disk);

        Assert.Equal(6, refused.ExitCode);
        Assert.Contains("the disk is full", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("MiB", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("1", old.Output.Trim());
        Assert.Equal("2", now.Output.Trim());
    }

    private static string Which(int version) => $"def which() -> int:\n    return {version}\n";

    private static void Fill(string path, long bytes)
    {
        using var file = File.Create(path);
        var block = new byte[1 << 20];
        for (; bytes > 0; bytes -= block.Length)
        {
            file.Write(block);
        }
    }

    private static CommandResult Succeeded(CommandResult result)
    {
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }
}
