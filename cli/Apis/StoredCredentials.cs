using System.Text;

using ToolRuntime.Cli.Instances;

namespace ToolRuntime.Cli.Apis;

/// <summary>
/// Credentials that the command line names by a variable of its own environment: an instance has another environment, so their values are
/// stored there as secrets, and the settings name those.
/// </summary>
internal static class StoredCredentials
{
    private const string Variable = "env:";

    /// <summary>The same credentials, each <c>env:NAME</c> whose variable is set here stored and named <c>secret:NAME</c>.</summary>
    public static async Task<IReadOnlyList<string>> StoreAsync(IReadOnlyList<string> credentials, AdminClient client, CancellationToken cancellationToken)
    {
        var stored = new List<string>();
        foreach (var credential in credentials)
        {
            stored.Add(await StoreAsync(credential, client, cancellationToken));
        }

        return stored;
    }

    private static async Task<string> StoreAsync(string credential, AdminClient client, CancellationToken cancellationToken)
    {
        var at = credential.LastIndexOf(Variable, StringComparison.Ordinal);
        if (at <= 0 || credential[at - 1] != ':')
        {
            return credential;
        }

        var name = credential[(at + Variable.Length)..];
        if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 } value)
        {
            await Console.Error.WriteLineAsync($"warning: ${name} is not set here; the instance will look for it in its own environment");
            return credential;
        }

        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(value));
        await client.JsonAsync(HttpMethod.Put, $"/admin/secrets/{Uri.EscapeDataString(name)}", body, cancellationToken);
        return $"{credential[..at]}secret:{name}";
    }
}
