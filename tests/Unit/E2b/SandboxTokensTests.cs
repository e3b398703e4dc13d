using System.Security.Cryptography;
using System.Text;

using ToolRuntime.E2b.Wire;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>Access tokens and signed URLs.</summary>
public sealed class SandboxTokensTests
{
    private readonly SandboxTokens _tokens = new(new E2bOptions { TokenKey = new byte[32] });

    [Fact]
    public void TokensDifferBySandboxPurposeAndKey()
    {
        var other = new SandboxTokens(new E2bOptions { TokenKey = [.. Enumerable.Repeat((byte)1, 32)] });
        Assert.Equal(4, new HashSet<string> { _tokens.Envd("a"), _tokens.Envd("b"), _tokens.Traffic("a"), other.Envd("a") }.Count);
        Assert.Equal(_tokens.Envd("a"), _tokens.Envd("a"));
    }

    [Fact]
    public void ASignatureIsThatOfTheSdks()
    {
        // Section 5 of E2B's protocol: v1_ and base64 of SHA-256 without padding.
        var expected = "v1_" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes("/a:read:user:token:99"))).TrimEnd('=');
        Assert.Equal(expected, SandboxTokens.Sign("/a", write: false, "user", "token", 99));
        Assert.NotEqual(expected, SandboxTokens.Sign("/a", write: true, "user", "token", 99));
        Assert.NotEqual(expected, SandboxTokens.Sign("/a", write: false, "user", "token", null));
    }

    [Fact]
    public void NothingIsNoToken()
    {
        Assert.False(SandboxTokens.Same(null, "t"));
        Assert.False(SandboxTokens.Same("", "t"));
        Assert.True(SandboxTokens.Same("t", "t"));
    }
}
