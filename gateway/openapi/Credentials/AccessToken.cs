namespace ToolRuntime.OpenApi.Credentials;

/// <summary>A token and until when it is used.</summary>
internal sealed record AccessToken(string Value, DateTimeOffset UsedUntil)
{
    public override string ToString() => $"token until {UsedUntil:O}";
}
