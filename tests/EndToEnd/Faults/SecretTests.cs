using System.Text;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>Secrets with gateway and runtime in two processes that share nothing but the message server.</summary>
public sealed class SecretTests
{
    private const string Code = """"
        import hashlib, os

        def token_digest() -> str:
            """Never the secret itself."""
            return hashlib.sha256(os.environ["SHOP_TOKEN"].encode()).hexdigest()
        """";

    [Fact]
    public async Task ASecretReachesASandboxOfAnotherProcessAndNoFileButItsOwn()
    {
        var (first, second) = ($"first-{Guid.NewGuid():n}", $"second-{Guid.NewGuid():n}");
        await using var gateway = await Part.StartAsync("gateway");
        await using var runtime = await Part.JoinAsync("runtime", gateway);
        await gateway.DeployAsync("token_digest", Code, """{"name":"token_digest","entry":"token_digest.py","isolation":"request","secrets":["SHOP_TOKEN"]}""");

        var missing = await Toolrt.RunAsync(gateway.Data, "call", "token_digest", "{}");
        await SetAsync(gateway, first);
        var before = await Toolrt.RunAsync(gateway.Data, "call", "token_digest", "{}");
        await SetAsync(gateway, second);
        var after = await Toolrt.RunAsync(gateway.Data, "call", "token_digest", "{}");

        Assert.NotEqual(0, missing.ExitCode);
        Assert.Contains("no secret is stored under SHOP_TOKEN", missing.Errors, StringComparison.Ordinal);
        Assert.Contains("toolrt secrets set SHOP_TOKEN", missing.Errors, StringComparison.Ordinal);
        Assert.Contains(DigestOf(first), before.Output, StringComparison.Ordinal);
        Assert.Contains(DigestOf(second), after.Output, StringComparison.Ordinal);
        Assert.Empty(FilesWith(runtime.Data, second).Concat(FilesWith(runtime.Data, first)).Concat(FilesWith(gateway.Data, first)));
        Assert.Equal(["secrets.json"], FilesWith(gateway.Data, second).Select(Path.GetFileName));
    }

    private static async Task SetAsync(Part gateway, string value)
    {
        var set = await Toolrt.RunAsync(gateway.Data, value, ["secrets", "set", "SHOP_TOKEN"]);
        Assert.True(set.ExitCode == 0, set.ToString());
    }

    private static string DigestOf(string value) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private static List<string> FilesWith(string folder, string text)
    {
        var files = new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint });
        return [.. files.Where(f => f.Length > 0 && f.Directory!.FullName.StartsWith(Path.Combine(folder, "sandboxes"), StringComparison.Ordinal) is false).Select(f => f.FullName)
            .Where(f => File.ReadAllBytes(f).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0)];
    }
}
