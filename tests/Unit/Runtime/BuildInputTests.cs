using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building;
using ToolRuntime.Runtime.Building.Dependencies;

namespace ToolRuntime.Tests.Unit.Runtime;

public sealed class BuildInputTests
{
    [Fact]
    public void RequirementsOfTheIndexAreTaken() => Assert.Equal(
        ["requests>=2.31,<3", "uvicorn[standard]==0.30.0", "tomli; python_version < '3.11'", "six"],
        RequirementsFile.Parse("# what it needs\nrequests>=2.31,\\\n<3\nuvicorn[standard]==0.30.0\n\ntomli; python_version < '3.11'\nsix # old\n"));

    [Theory]
    [InlineData("-r other.txt", "other requirement files")]
    [InlineData("--requirement=other.txt", "other requirement files")]
    [InlineData("-e .", "editable")]
    [InlineData("--index-url https://example.org", "options")]
    [InlineData("--extra-index-url=x", "options")]
    [InlineData("git+https://example.org/x.git", "repositories")]
    [InlineData("x @ file:///etc/passwd", "files of the host")]
    [InlineData("x @ https://example.org/x.whl", "links")]
    [InlineData("x@ ../x", "links")]
    [InlineData("./x", "files")]
    [InlineData("x-1.0.tar.gz", "files")]
    [InlineData("x y", "not a requirement")]
    public void ARequirementThatReadsElsewhereIsRefusedByName(string line, string reason)
    {
        var fault = Assert.Throws<FunctionFaultException>(() => RequirementsFile.Parse("six\n" + line)).Fault;
        Assert.Equal(FaultCode.DeployRefused, fault.Code);
        Assert.Contains($"line 2: {line}", fault.Message, StringComparison.Ordinal);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryRefusedRequirementIsToldAtOnce() =>
        Assert.Contains("3 errors", Assert.Throws<FunctionFaultException>(() => RequirementsFile.Parse("-r a\n-e b\ngit+c")).Fault.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("file:../x")]
    [InlineData("link:../x")]
    [InlineData("git+ssh://example.org/x")]
    [InlineData("someone/repository")]
    [InlineData("https://example.org/x.tgz")]
    [InlineData("npm:other@1")]
    [InlineData("workspace:*")]
    public void ANodeDependencyThatReadsElsewhereIsRefusedByName(string version)
    {
        var fault = Assert.Throws<FunctionFaultException>(() => PackageJson.Clean($$$"""{"dependencies":{"x":"{{{version}}}"}}""")).Fault;
        Assert.Contains($"dependencies.x: \"{version}\"", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfAPackageFileOnlyDependenciesAreTaken()
    {
        var clean = PackageJson.Clean("""{"scripts":{"install":"rm -rf /"},"workspaces":["x"],"dependencies":{"is-number":"^7.0.0","@a/b":"1.x || 2.x"},"devDependencies":{"y":"1"}}""");
        Assert.Equal("""{"name":"function","version":"0.0.0","private":true,"dependencies":{"is-number":"^7.0.0","@a/b":"1.x || 2.x"}}""", clean);
        Assert.Null(PackageJson.Clean("""{"scripts":{}}"""));
    }

    [Fact]
    public void ALockFileLosesItsPlacesAndMayNotLink()
    {
        Assert.DoesNotContain("resolved", PackageJson.CleanLock("""{"packages":{"node_modules/x":{"version":"1.0.0","resolved":"https://example.org/x.tgz","integrity":"sha512-x"}}}"""), StringComparison.Ordinal);
        Assert.Throws<FunctionFaultException>(() => PackageJson.CleanLock("""{"packages":{"node_modules/x":{"resolved":"../x","link":true}}}"""));
        Assert.Throws<FunctionFaultException>(() => PackageJson.CleanLock("""{"packages":{"node_modules/x":{"resolved":"git+ssh://example.org/x"}}}"""));
    }

    [Theory]
    [InlineData("/etc/passwd", null)]
    [InlineData("a/../../b", null)]
    [InlineData("..", null)]
    [InlineData("a\\b", null)]
    [InlineData("a\nb", null)]
    [InlineData("./a/./b/", "a/b")]
    [InlineData("./", "")]
    [InlineData("a..b", "a..b")]
    public void OnlyNamesBelowTheRootAreTaken(string name, string? expected) => Assert.Equal(expected, SafePath.Normalize(name));

    [Theory]
    [InlineData("pkg/mod.py", "pkg/mod.py")]
    [InlineData("pkg-1.0.data/purelib/pkg/mod.py", "pkg/mod.py")]
    [InlineData("pkg-1.0.data/scripts/run", null)]
    [InlineData("pkg-1.0.dist-info/METADATA", "pkg-1.0.dist-info/METADATA")]
    public void AWheelsFilesGoWhereAnInstallerPutsThem(string name, string? expected) => Assert.Equal(expected, PackageArchive.WheelTarget(name));

    [Fact]
    public void NpxBecomesAPackageAndItsArguments()
    {
        var plain = McpCommand.Parse(["npx", "-y", "@modelcontextprotocol/server-everything@2.0.0", "stdio"]);
        Assert.Equal(("@modelcontextprotocol/server-everything@2.0.0", "@modelcontextprotocol/server-everything", null), (plain.Package, plain.PackageName, plain.Program));
        Assert.Equal(["stdio"], plain.Arguments);
        var named = McpCommand.Parse(["npx", "-p", "x", "run", "a"]);
        Assert.Equal(("x", "run"), (named.Package, named.Program));
        Assert.Null(McpCommand.Parse(["python3", "server.py"]).Package);
        Assert.Throws<FunctionFaultException>(() => McpCommand.Parse(["bunx", "x"]));
        Assert.Throws<FunctionFaultException>(() => McpCommand.Parse(["npx", "--call", "x"]));
        Assert.Throws<FunctionFaultException>(() => McpCommand.Parse(["npx", "-y"]));
        Assert.Throws<FunctionFaultException>(() => McpCommand.Parse([]));
        Assert.Equal("server-everything", McpCommand.NameOf(["npx", "-y", "@modelcontextprotocol/server-everything@2.0.0"]));
    }

    [Fact]
    public void AProgramIsFoundAsNpxFindsIt()
    {
        Assert.Equal("cli.js", PackageProgram.Find("""{"bin":"./cli.js"}"""u8.ToArray(), "@a/b", null));
        Assert.Equal("x.js", PackageProgram.Find("""{"bin":{"b":"x.js","c":"y.js"}}"""u8.ToArray(), "@a/b", null));
        Assert.Equal("y.js", PackageProgram.Find("""{"bin":{"b":"x.js","c":"y.js"}}"""u8.ToArray(), "@a/b", "c"));
        Assert.Throws<FunctionFaultException>(() => PackageProgram.Find("""{"bin":{"d":"x.js","c":"y.js"}}"""u8.ToArray(), "@a/b", null));
        Assert.Throws<FunctionFaultException>(() => PackageProgram.Find("""{"bin":"../../x"}"""u8.ToArray(), "b", null));
        Assert.Throws<FunctionFaultException>(() => PackageProgram.Find("{}"u8.ToArray(), "b", null));
    }

    [Fact]
    public void OfAPipConfigurationOnlyTheIndexIsTaken() => Assert.Equal(
        [("index-url", "https://example.org/simple"), ("extra-index-url", "a\n    b"), ("trusted-host", "h")],
        PipConfiguration.Read("[global]\nindex-url = https://example.org/simple\nextra_index_url = a\n  b\n# x = y\nuser = yes\n[list]\nformat = columns\n[install]\ntrusted-host=h\n").ToArray());
}
