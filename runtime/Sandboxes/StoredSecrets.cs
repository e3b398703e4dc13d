using System.Text.Json;

using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>
/// The stored secrets of functions, asked of a gateway (<see cref="SecretRequest"/>) when a sandbox becomes a function's: never per call, and
/// kept nowhere. So a changed secret holds for sandboxes made after the change.
/// </summary>
internal sealed class StoredSecrets(PartRequests requests, TimeProvider time)
{
    /// <summary>How long a gateway that is away, or starting, is waited for.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);

    /// <summary>The manifest's environment with its secrets.</summary>
    /// <exception cref="FunctionFaultException">LoadFailed: one is not stored. BusUnavailable: no gateway answers.</exception>
    public ValueTask<IReadOnlyDictionary<string, string>> EnvironmentOfAsync(FunctionVersion version, CancellationToken cancellationToken) =>
        version.Manifest.Secrets.Count == 0 ? new(version.Manifest.Environment) : new(JoinAsync(version, cancellationToken));

    /// <summary>A tenant's secrets by their names.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="what">What they are for, in messages.</param>
    /// <param name="names">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="FunctionFaultException">LoadFailed: one is not stored. BusUnavailable: no gateway answers.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ValuesOfAsync(string tenant, string what, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var request = JsonSerializer.SerializeToUtf8Bytes(new SecretRequest(tenant, names), FunctionsJson.Default.SecretRequest);
        using var deadline = new Deadline(time, Longest, cancellationToken);
        try
        {
            while (true)
            {
                try
                {
                    var answer = await requests.RequestAsync(SecretRequest.RequestName, request, deadline.Token);
                    return JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.SecretValues)?.Values
                        ?? throw new FunctionFaultException(FaultCode.Internal, $"{what}: the gateway answered without secrets");
                }
                catch (FunctionFaultException error) when (error.Fault.Code is FaultCode.BusUnavailable or FaultCode.RuntimeLost)
                {
                    await Task.Delay(s_again, time, deadline.Token);
                }
            }
        }
        catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.LoadFailed)
        {
            throw new FunctionFaultException(error.Fault with { Message = $"{what}: {error.Fault.Message}" }, error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FunctionFaultException(
                new FunctionFault(
                    FaultCode.BusUnavailable,
                    $"{what}: no gateway gave its secrets ({string.Join(", ", names)}) within {Longest.TotalSeconds:0} s",
                    "start one on the same message server: toolrt up --role gateway --nats URL"),
                error);
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> JoinAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>(version.Manifest.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in await ValuesOfAsync(version.Tenant, version.Manifest.Name, version.Manifest.Secrets, cancellationToken))
        {
            environment[name] = value;
        }

        return environment;
    }
}
