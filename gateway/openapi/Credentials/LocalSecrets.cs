namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Secrets of this process's environment and of files; what is in a store is somebody else's.</summary>
public static class LocalSecrets
{
    private const int LargestFile = 64 * 1024;

    /// <summary>The secret, line ends at its end left away; null where there is none.</summary>
    public static async ValueTask<string?> ReadAsync(SecretReference reference, CancellationToken cancellationToken)
    {
        if (reference.Kind == SecretKind.Environment)
        {
            return Environment.GetEnvironmentVariable(reference.Name);
        }

        var file = reference.Kind == SecretKind.File ? new FileInfo(reference.Name) : null;
        return file is { Exists: true, Length: <= LargestFile }
            ? (await File.ReadAllTextAsync(file.FullName, cancellationToken)).TrimEnd('\r', '\n')
            : null;
    }
}
