using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Secrets;

namespace ToolRuntime.Tests.Unit.Gateway;

/// <summary>The store of secrets, those that callers make, and their limits.</summary>
public sealed class SecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-secrets-").FullName;

    private string File => Path.Combine(_folder, "secrets.json");

    private SecretStore Store => new(File, TimeProvider.System);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFileOfBeforeIsReadAndStaysAsItWasWithoutSecretsOfCallers()
    {
        SecretFile.Write(File, """{"local":{"TOKEN":"of before"}}"""u8);
        var store = Store;
        Assert.Equal("of before", store.Resolve("local", ["TOKEN"]).Values["TOKEN"]);
        store.Set("local", "OTHER", "x");
        Assert.Equal("""{"local":{"TOKEN":"of before","OTHER":"x"}}""", System.IO.File.ReadAllText(File));
    }

    [Fact]
    public void WhatACallerMakesIsThereAfterARestartForItsOwnerAlone()
    {
        var made = Callers(Store).Create("one", new SecretBody("My-Key", "s3cret", new Dictionary<string, string?> { ["env"] = "test" }));
        Assert.Equal("my-key", made.Name);
        Assert.Matches("^sec_[a-z0-9]{20}$", made.Facts.Id);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));

        var again = Callers(Store);
        Assert.Equal("test", again.Get("one", "MY-KEY").Facts.Metadata["env"]);
        Assert.Equal(made.Facts.Id, Assert.Single(again.List("one")).Facts.Id);
        Assert.Equal("s3cret", Store.Resolve("one", ["my-key"]).Values["my-key"]);
        Assert.Empty(again.List("two"));
        Assert.Equal(FaultCode.SandboxNotFound, Refused(() => again.Get("two", made.Facts.Id)).Code);
        Assert.Equal(FaultCode.SandboxNotFound, Refused(() => again.Update("two", made.Facts.Id, new SecretBody(Value: "x"))).Code);
        Assert.Equal(FaultCode.SandboxNotFound, Refused(() => again.Remove("two", made.Facts.Id)).Code);
        Assert.Equal("s3cret", Store.Resolve("one", ["my-key"]).Values["my-key"]);
    }

    [Fact]
    public void WhatThePlatformStoredIsNoCallersButShareTheNames()
    {
        var store = Store;
        var callers = Callers(store);
        store.Set("local", "shop", "of the platform");
        Assert.Empty(callers.List("local"));
        Assert.Equal(FaultCode.SandboxNotFound, Refused(() => callers.Get("local", "shop")).Code);
        Assert.Equal(FaultCode.SandboxNotFound, Refused(() => callers.Remove("local", "shop")).Code);
        var taken = Refused(() => callers.Create("local", new SecretBody("shop", "x")));
        Assert.Equal(FaultCode.SandboxConflict, taken.Code);
        Assert.Contains("toolrt secrets set", taken.Hint!, StringComparison.Ordinal);

        callers.Create("local", new SecretBody("own", "1"));
        store.Set("local", "own", "2");
        Assert.Equal(2, callers.Get("local", "own").Facts.Version);
        Assert.Equal(["own", "shop"], store.List("local"));
        Assert.True(store.Remove("local", "own"));
        Assert.Empty(callers.List("local"));
    }

    [Fact]
    public void OneTenantMakesSoManyAndNoMore()
    {
        var callers = Callers(Store);
        for (var i = 0; i < CallerSecrets.Most; i++)
        {
            callers.Create("one", new SecretBody($"s{i}", "v"));
        }

        Assert.Equal(FaultCode.QuotaExceeded, Refused(() => callers.Create("one", new SecretBody("more", "v"))).Code);
        callers.Create("two", new SecretBody("more", "v"));
        callers.Remove("one", "s0");
        callers.Create("one", new SecretBody("more", "v"));
    }

    [Theory]
    [InlineData(null, "name is missing")]
    [InlineData("", "name is missing")]
    [InlineData("a b", "'a b'")]
    [InlineData("a\n", "'a\n'")]
    [InlineData("../x", "'../x'")]
    [InlineData("sec_mine", "'sec_mine'")]
    [InlineData("SEC_mine", "'SEC_mine'")]
    [InlineData("-a", "'-a'")]
    [InlineData("é", "'é'")]
    [InlineData("\u212A", "'\u212A'")]
    public void NamesThatNoneCanHaveAreRefused(string? name, string said) => Assert.Contains(said, Refused(() => SecretRules.Name(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void ValuesAndMetadataAreBounded()
    {
        Assert.Equal(SecretStore.MaximumValueBytes, SecretRules.Value(new string('x', SecretStore.MaximumValueBytes)).Length);
        Assert.StartsWith("value:", Refused(() => SecretRules.Value(new string('é', (SecretStore.MaximumValueBytes / 2) + 1))).Message, StringComparison.Ordinal);
        Assert.StartsWith("value is missing", Refused(() => SecretRules.Value("")).Message, StringComparison.Ordinal);
        Assert.Equal(128, SecretRules.Name(new string('x', 128)).Length);
        Assert.Null(SecretRules.Metadata(null));
        Assert.Equal(SecretRules.MostEntries, SecretRules.Metadata(Entries(SecretRules.MostEntries, 2, 200))!.Count);
        Assert.Contains("at most 32", Refused(() => SecretRules.Metadata(Entries(33, 2, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("at most 8192", Refused(() => SecretRules.Metadata(Entries(9, 2, 1000))).Message, StringComparison.Ordinal);
        Assert.Contains("128", Refused(() => SecretRules.Metadata(Entries(1, 129, 1))).Message, StringComparison.Ordinal);
        Assert.Contains("1024", Refused(() => SecretRules.Metadata(Entries(1, 2, 1025))).Message, StringComparison.Ordinal);
        Assert.Contains("no value", Refused(() => SecretRules.Metadata(new Dictionary<string, string?> { ["k"] = null })).Message, StringComparison.Ordinal);
        Assert.Throws<FunctionFaultException>(() => SecretRules.Name(new string('x', 129)));
    }

    [Fact]
    public void NoRecordPrintsAValue() =>
        Assert.DoesNotContain("s3cret", $"{new StoredSecret("s3cret")} {new SecretBody("n", "s3cret")} {new SecretValues(new Dictionary<string, string> { ["n"] = "s3cret" })}", StringComparison.Ordinal);

    private static CallerSecrets Callers(SecretStore store) => new(store, TimeProvider.System);

    private static Dictionary<string, string?> Entries(int count, int keyLength, int valueLength) =>
        Enumerable.Range(0, count).ToDictionary(i => i.ToString("d2").PadRight(keyLength, 'k'), _ => (string?)new string('v', valueLength));

    private static FunctionFault Refused(Action act) => Assert.Throws<FunctionFaultException>(act).Fault;

    private static FunctionFault Refused(Func<object?> act) => Assert.Throws<FunctionFaultException>(act).Fault;
}
