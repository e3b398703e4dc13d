using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.Tests.Unit.OpenApi.Credentials;

public sealed class CredentialTests
{
    [Theory]
    [InlineData("bearer:env:T", "", CredentialKind.Bearer, "env:T", "", "")]
    [InlineData("x=bearer:file:/a:b", "x", CredentialKind.Bearer, "file:/a:b", "", "")]
    [InlineData("apikey:secret:K", "", CredentialKind.ApiKey, "secret:K", "", "")]
    [InlineData("apikey:X-Key:env:K", "", CredentialKind.ApiKey, "env:K", "", "")]
    [InlineData("basic:bob:env:P", "", CredentialKind.Basic, "env:P", "bob", "")]
    [InlineData("o=oauth2:id:env:S@https://idp/token?x=1", "o", CredentialKind.ClientCredentials, "env:S", "id", "https://idp/token?x=1")]
    [InlineData("exchange:id:env:S", "", CredentialKind.TokenExchange, "env:S", "id", "")]
    public void FormsAreRead(string text, string scheme, CredentialKind kind, string secret, string name, string tokenUrl)
    {
        var read = CredentialText.Parse([text]);
        var credential = scheme.Length > 0 ? read.Named[scheme] : read.Unnamed.Single();
        Assert.Equal((kind, secret, name, tokenUrl), (credential.Kind, credential.Secret?.ToString(), credential.Name, credential.TokenUrl ?? ""));
    }

    [Theory]
    [InlineData("bearer:s3cr3t")]
    [InlineData("s3cr3t")]
    [InlineData("basic:env:P")]
    [InlineData("basic:s3cr3t")]
    [InlineData("pass:")]
    [InlineData("x=magic:env:s3cr3t")]
    public void WhatIsNoFormIsRefusedWithoutBeingRepeated(string text)
    {
        var fault = Assert.Throws<ApiFaultException>(() => CredentialText.Parse([text]));
        Assert.DoesNotContain("s3cr3t", fault.Fault.ToString(), StringComparison.Ordinal);
        Assert.NotNull(fault.Fault.Hint);
    }

    [Fact]
    public void TheFirstAlternativeThatIsConfiguredWholeIsTaken()
    {
        var operation = Operation(["a", "b"], ["c"], ["d"]);
        Assert.Equal(["c"], Names(operation, "a=apikey:env:A", "c=bearer:env:C", "d=basic:u:env:D"));
        Assert.Equal(["a", "b"], Names(operation, "a=apikey:env:A", "b=apikey:env:B", "c=bearer:env:C"));
        Assert.Equal(["d"], Names(operation, "d=basic:u:env:D"));
        Assert.Equal(["c"], Names(operation, "bearer:env:T"));
    }

    [Fact]
    public void NoneConfiguredNamesWhatToConfigure()
    {
        var fault = Assert.Throws<ApiFaultException>(() => Names(Operation(["a", "b"], ["c"])));
        Assert.Equal(ApiFaultCode.NotConfigured, fault.Fault.Code);
        Assert.Contains("a (ApiKey) with b (ApiKey) or c (Bearer)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--auth a=apikey:env:NAME", fault.Fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyAlternativeNeedsNothingButTakesWhatThereIs()
    {
        Assert.Empty(Names(Operation(["c"], [])));
        Assert.Equal(["c"], Names(Operation(["c"], []), "bearer:env:T"));
    }

    [Fact]
    public void NoSecurityIsNoCredentialUnlessTheDocumentIsSilentAltogether()
    {
        var open = Operation();
        Assert.Equal(["c"], Names(open, "bearer:env:T"));
        var chooser = new CredentialChooser(Model(open, Operation(["c"])), CredentialText.Parse(["bearer:env:T"]));
        Assert.Empty(chooser.Choose(open));
    }

    [Theory]
    [InlineData("a=apikey:env:K", "a")]
    [InlineData("apikey:env:K", "a")]
    [InlineData("bearer:env:T", "c")]
    [InlineData("pass:X-Own", "a")]
    public void ASilentDocumentsSchemesSayHowItsCredentialsAreSent(string credential, string scheme) =>
        Assert.Equal([scheme], Names(Operation(), credential));

    [Fact]
    public void NothingThatIsPrintedHoldsASecret()
    {
        var caller = new ApiCaller { Subject = "u", Token = "s3cr3t", Headers = new Dictionary<string, string> { ["Authorization"] = "s3cr3t" } };
        Assert.DoesNotContain("s3cr3t", caller.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", new AccessToken("s3cr3t", default).ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(ApiOperation operation, params string[] credentials) =>
        new CredentialChooser(Model(operation), CredentialText.Parse(credentials)).Choose(operation).Select(c => c.SchemeName);

    private static ApiModel Model(params ApiOperation[] operations) => new()
    {
        Format = ApiFormat.OpenApi31, Operations = operations, Refusals = [],
        SecuritySchemes = new Dictionary<string, ApiSecurityScheme>
        {
            ["a"] = new() { Kind = ApiSecurityKind.ApiKey, Name = "X-A" },
            ["b"] = new() { Kind = ApiSecurityKind.ApiKey, Name = "b", Place = ParameterPlace.Query },
            ["c"] = new() { Kind = ApiSecurityKind.Bearer },
            ["d"] = new() { Kind = ApiSecurityKind.Basic },
        },
    };

    private static ApiOperation Operation(params string[][] alternatives) => new()
    {
        Pointer = "", Method = "GET", Path = "/x",
        Security = [.. alternatives.Select(a => new ApiSecurityRequirement(a.ToDictionary(n => n, _ => (IReadOnlyList<string>)[])))],
    };
}
