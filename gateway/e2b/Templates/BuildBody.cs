namespace ToolRuntime.E2b.Templates;

/// <summary>Body of <c>POST /v2/templates/{template}/builds/{build}</c>: what a template is made from and by which steps.</summary>
internal sealed record BuildBody
{
    public string? FromImage { get; init; }

    public string? FromTemplate { get; init; }

    public IReadOnlyList<BuildStep>? Steps { get; init; }

    public string? StartCmd { get; init; }

    public string? ReadyCmd { get; init; }
}
