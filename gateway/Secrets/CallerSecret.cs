namespace ToolRuntime.Gateway.Secrets;

/// <summary>A secret that a caller made, as everybody may see it: without its value.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Facts">What is known of it.</param>
public sealed record CallerSecret(string Name, SecretFacts Facts);
