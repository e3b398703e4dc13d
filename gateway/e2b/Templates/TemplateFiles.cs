using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Bus;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary>
/// What clients upload for <c>COPY</c>: archives by tenant and the hash that the client made of them, in the object store, so that every gateway
/// has them; those that no build asks for go with other old objects. Uploads come to signed URLs, since clients send them without their key.
/// </summary>
public sealed class TemplateFiles(MessageBus bus, E2bOptions options)
{
    /// <summary>Bytes of one archive at most.</summary>
    public const long MostBytes = 4L << 30;

    private const string Kind = "template";
    private const int LongestHash = 128;

    /// <summary>Whether an archive was uploaded; if so it stays for the build that asks.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: it cannot be a hash.</exception>
    internal ValueTask<bool> HasAsync(string tenant, string hash, CancellationToken cancellationToken) =>
        bus.Objects.TryTouchAsync(tenant, Kind, Checked(hash), cancellationToken);

    /// <summary>Stores an archive; one that came in part is not there.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: it cannot be a hash.</exception>
    internal ValueTask StoreAsync(string tenant, string hash, Stream content, CancellationToken cancellationToken) =>
        bus.Objects.PutAsync(tenant, Kind, Checked(hash), content, cancellationToken);

    /// <summary>Copies an archive; false where there is none.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: it cannot be a hash.</exception>
    internal ValueTask<bool> TryCopyAsync(string tenant, string hash, Stream destination, CancellationToken cancellationToken) =>
        bus.Objects.TryGetAsync(tenant, Kind, Checked(hash), destination, cancellationToken);

    /// <summary>What an upload's URL carries to be let in.</summary>
    internal string Sign(string tenant, string hash) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(options.TokenKey, Encoding.UTF8.GetBytes($"upload:{tenant}:{hash}")));

    private static string Checked(string hash) => hash.Length is > 0 and <= LongestHash && hash.All(char.IsAsciiLetterOrDigit)
        ? hash
        : throw new FunctionFaultException(FaultCode.InvalidArguments, "a files hash is letters and digits");
}
