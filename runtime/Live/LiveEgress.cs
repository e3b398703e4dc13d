using System.Net;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Logs;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Runtime.Egress.Tls;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Live;

/// <summary>The way out of the sandboxes that are here: one proxy for each, for as long as the sandbox is known, so that what it has used up stays so over a pause.</summary>
internal sealed class LiveEgress(EgressServices services, MachineMirrors mirrors, FunctionLogs logs)
{
    private const string SecretUse = "an egress rule";
    private static readonly object s_isTrusting = new();
    private readonly ConditionalWeakTable<AgentClient, object> _trusting = [];

    /// <summary>What a runtime has.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static EgressServices ServicesOf(MessageBus bus, LiveOptions options, TimeProvider time, ILogger logger)
    {
        Directory.CreateDirectory(options.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var secrets = new StoredSecrets(bus.Requests, time);
        return new EgressServices(
            new NameCache(Dns.GetHostAddressesAsync, time),
            new EgressSecrets((tenant, names, token) => secrets.ValuesOfAsync(tenant, SecretUse, names, token), time),
            new TlsTerms(EgressAuthority.In(options.Folder, time), Trust: null) { MachineTrust = MachineTrust.Added() },
            time,
            logger);
    }

    /// <summary>The name under which a sandbox's decisions stand among the logs of its tenant; no function can have it.</summary>
    public static string LogOf(string sandbox) => $"sandbox:{sandbox}";

    /// <summary>What is done with each sandbox that is made warm, before it is anybody's.</summary>
    public async Task BootedAsync(PoolKind kind, AgentClient agent, CancellationToken cancellationToken)
    {
        if (kind.Language == FunctionLanguage.Sandbox)
        {
            await EgressSetup.TrustAsync(agent, services.Tls.GuestTrust, cancellationToken);
            _trusting.Add(agent, s_isTrusting);
        }
    }

    /// <summary>Takes over the way out of one that was just leased; returns the environment that its programs get.</summary>
    public async Task<IReadOnlyDictionary<string, string>> PrepareAsync(LiveSandbox sandbox, CancellationToken cancellationToken)
    {
        var agent = sandbox.Lease!.Agent;
        if (!_trusting.TryGetValue(agent, out _))
        {
            await EgressSetup.TrustAsync(agent, services.Tls.GuestTrust, cancellationToken);
        }

        var packages = await MirrorsOfAsync(sandbox);
        if (packages.AptSources.Length > 0 && !WarmPools.IsOfDocker(sandbox.Record.Image))
        {
            await EgressSetup.PointAptAsync(agent, packages.AptSources, cancellationToken);
        }

        agent.OnOpened = ProxyOf(sandbox, packages).ServeAsync;
        var environment = new Dictionary<string, string>(packages.Environment, StringComparer.Ordinal);
        foreach (var (name, value) in sandbox.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    /// <summary>Takes over the way out of one that was just restored: it listens and trusts as it did.</summary>
    public async Task AttachAsync(LiveSandbox sandbox) => sandbox.Lease!.Agent.OnOpened = ProxyOf(sandbox, await MirrorsOfAsync(sandbox)).ServeAsync;

    /// <summary>Refuses rules of which something cannot be read.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments; names all of it.</exception>
    public static void Check(EgressRules rules)
    {
        if (EgressPolicy.WrongIn(rules) is { Count: > 0 } wrong)
        {
            throw new FunctionFaultException(
                FaultCode.InvalidArguments,
                $"egress: not a host, address or network: {string.Join(", ", wrong)}",
                "name them as example.com, *.example.com, 10.1.2.3 or 10.1.0.0/16, with :port or without");
        }
    }

    private async ValueTask<PackageMirrors> MirrorsOfAsync(LiveSandbox sandbox) =>
        sandbox.Record.Settings.Packages && sandbox.Proxy is null ? await mirrors.OfAsync(sandbox.Record.Image) : PackageMirrors.None;

    private EgressProxy ProxyOf(LiveSandbox sandbox, PackageMirrors packages)
    {
        var (tenant, id) = (sandbox.Record.Tenant, sandbox.Record.Id);
        return sandbox.Proxy ??= new EgressProxy(services, tenant, sandbox.Egress, packages, new DecisionLog(Tell, services.Time));

        void Tell(LogLine line)
        {
            logs.Append(tenant, LogOf(id), line);
            logs.AppendToSession(tenant, id, line);
        }
    }
}
