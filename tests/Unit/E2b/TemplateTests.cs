using ToolRuntime.E2b.Templates;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>Names of templates, and where their steps leave user and folder.</summary>
public sealed class TemplateTests
{
    [Theory]
    [InlineData("app", "app", null)]
    [InlineData("app:v1.2", "app", "v1.2")]
    public void ANameMayHaveATag(string text, string name, string? tag) => Assert.Equal((name, tag), TemplateName.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("app:")]
    [InlineData("app:a b")]
    public void OtherNamesAreRefused(string text) =>
        Assert.Equal(FaultCode.InvalidArguments, Assert.Throws<FunctionFaultException>(() => TemplateName.Parse(text)).Fault.Code);

    [Fact]
    public void UserAndFolderAreThoseOfTheLastSteps()
    {
        var steps = new[] { Step("WORKDIR", "app"), Step("RUN", "true"), Step("WORKDIR", "./deep"), Step("USER", "root") };

        Assert.Equal(("root", "/home/user/app/deep"), BuildSteps.PlaceAfter(steps, null, null));
        Assert.Equal(("root", "/srv"), BuildSteps.PlaceAfter([Step("USER", "root"), Step("WORKDIR", "/srv")], "user", "/x"));
        Assert.Equal((null, null), BuildSteps.PlaceAfter([], null, null));
    }

    private static BuildStep Step(string type, params string[] arguments) => new(type, arguments, null);
}
