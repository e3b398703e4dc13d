namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Reads a secret at the moment that it is needed; null where there is none of that name.</summary>
public delegate ValueTask<string?> ReadSecret(SecretReference reference, CancellationToken cancellationToken);
