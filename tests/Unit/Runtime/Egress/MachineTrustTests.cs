using System.Security.Cryptography;

using ToolRuntime.Runtime.Egress.Tls;

namespace ToolRuntime.Tests.Unit.Runtime.Egress;

/// <summary>Which authorities a machine's owner added.</summary>
public sealed class MachineTrustTests
{
    [Fact]
    public void WhatTheDistributionDoesNotHaveWasAdded()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-trust-").FullName;
        var (usual, bundle) = (Directory.CreateDirectory(Path.Combine(folder, "usual", "mozilla")).FullName, Path.Combine(folder, "bundle.crt"));
        File.WriteAllText(Path.Combine(usual, "a.crt"), Pem(1) + "\n");
        File.WriteAllText(bundle, $"{Pem(1)}\n# ours\n{Pem(2)}\n{PemEncoding.WriteString("PRIVATE KEY", [3])}\n{Pem(4)}\n");

        Assert.Equal($"{Pem(2)}\n{Pem(4)}\n", MachineTrust.Added(bundle, Path.Combine(folder, "usual")));

        File.WriteAllText(bundle, "-----BEGIN CERTIFICATE-----\nno, base64\n-----END CERTIFICATE-----\n");
        Assert.Equal("", MachineTrust.Added(bundle, Path.Combine(folder, "usual")));
        Assert.Equal("", MachineTrust.Added(bundle, Path.Combine(folder, "missing")));
        Directory.Delete(folder, recursive: true);
    }

    private static string Pem(byte content) => PemEncoding.WriteString("CERTIFICATE", Enumerable.Repeat(content, 100).ToArray());
}
