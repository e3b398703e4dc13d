using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Gateway;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Runtime;
using ToolRuntime.Runtime.Building.Dependencies;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Unit;

/// <summary>
/// The tenant is part of every subject, key, object name, lease and cache key. What stands here is found by reflection, so that a new name
/// or cache without a tenant fails until somebody says why it needs none.
/// </summary>
public sealed class TenantTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Dictionaries whose keys need no tenant, with the reason.</summary>
    private static readonly Dictionary<string, string> s_keyedOtherwise = new(StringComparer.Ordinal)
    {
        ["DeliverySettling._unsettled"] = "invocation ids, which nobody can guess",
        ["ControlSignals._listeners"] = "KeyOf(tenant, invocation)",
        ["ControlSignals._tombstones"] = "KeyOf(tenant, invocation)",
        ["LocalPart._parts"] = "names of parts of this process",
        ["PartRequests._local"] = "names of parts of this process",
        ["CatalogStore._versions"] = "VersionKey(tenant, digest)",
        ["PassedVersions._entries"] = "VersionKey(tenant, digest)",
        ["NatsRequests._open"] = "numbers of one connection",
        ["NatsSubs._all"] = "numbers of one connection",
        ["ForwardFetch._known"] = "of one topic",
        ["WarmPools._pools"] = "generic sandboxes, before they are anybody's",
        ["RunscBackend._environment"] = "variables of runsc",
        ["AgentChannel._streams"] = "numbers of one sandbox",
        ["AgentChannel._pings"] = "numbers of one sandbox",
        ["WorkerConnection._calls"] = "numbers of one worker",
        ["WaiterQueue._counts"] = "of one version of one tenant's function",
        ["DeliveryLoop._running"] = "the calls themselves",
        ["HostCalls._questions"] = "of one call",
        ["BuildSandbox._pythonVersions"] = "names of images",
        ["McpPipes._open"] = "the streams themselves",
        ["ToolCatalog._tenants"] = "tenants",
        ["ToolCatalog._subscriptions"] = "the subscriptions themselves",
        ["ServerCall._questions"] = "of one call",
        ["ServerCalls._asking"] = "invocation ids; the caller is compared",
        ["ServerResources._wanted"] = "of one connection",
        ["ServerConnection._waiting"] = "of one connection",
        ["ServerQuestions._answers"] = "of one call",
        ["ServerAudiences._audiences"] = "the audiences themselves",
        ["MetricsEndpoint._series"] = "labels of metrics",
        ["MetricsEndpoint._singles"] = "labels of metrics",
        ["ChildCalls._inFlight"] = "invocation ids",
        ["ReplyKeeper._due"] = "the replies themselves",
        ["SchemaIdentifiers._resources"] = "of one schema",
        ["SchemaIdentifiers._anchors"] = "of one schema",
        ["SchemaIdentifiers._bases"] = "of one schema",
        ["SchemaCompiler._nodes"] = "of one schema",
        ["LegacySessions._sessions"] = "session ids, which nobody can guess; the caller is compared",
        ["LegacySession._calls"] = "of one session",
        ["TenantTools._functions"] = "of one tenant",
        ["TenantTools._servers"] = "of one tenant",
        ["TenantTools._perFunction"] = "of one tenant",
        ["TenantTools._apis"] = "of one tenant",
        ["ApiRoutes._called"] = "of one source",
        ["ApiScripts._byTool"] = "of one source",
        ["HeldSession._versions"] = "of one session",
        ["SecretStore._known"] = "tenants",
        ["StreamableHttpTransport._open"] = "of one connection",
        ["CatalogWatch._reading"] = "tasks",
        ["NamedDocuments._subscriptions"] = "the subscriptions themselves",
        ["RecordingSource._read"] = "documents of one reading",
        ["CacheEntries._usedAt"] = "folders; a layer's lies in its tenant's",
        ["ImageStore._held"] = "images are the product's, by content",
        ["ImageStore._building"] = "images are the product's, by name",
        ["BuildSteps._building"] = "images are the product's, by name",
        ["ImageStore._ready"] = "images are the product's, by name",
        ["LayerTar._names"] = "files of one image",
        ["SandboxTemplates._known"] = "snapshots of prepared sandboxes are nobody's, by content",
        ["EgressProxy._connections"] = "of one sandbox",
        ["NameCache._known"] = "names of the internet mean the same to all; who may ask for one is decided before",
        ["EgressAuthority._leaves"] = "names of hosts; the certificates are the host's own",
        ["LiveClock._busy"] = "the sandboxes themselves",
        ["OwnTools._tenants"] = "tenants",
        ["ForgottenDeliveries._looks"] = "consumers of a pool and a tenant",
        ["ForgottenLook._silent"] = "sequences of the queue",
        ["Mailboxes._known"] = "MailboxPlace.Key: tenant and name",
        ["MailboxTaking._remembered"] = "MailboxPlace.Key: tenant and name",
        ["CallKeep._steps"] = "of one call",
        ["CallSteps._open"] = "of one call",
        ["StreamLives._counts"] = "tenants",
        ["InvocationTaker._taken"] = "reply subjects of deliveries",
        ["Turns._byName"] = "tenants, and within one its functions",
        ["VolumeStore._volumes"] = "ids of volumes, which nobody can guess; the tenant is compared",
        ["SandboxDirectory._volumes"] = "tenant and name",
        ["SessionCompactor._calls"] = "of one session",
        ["JobReader._progress"] = "invocation ids, which nobody can guess; the tenant is compared",
        ["SandboxDirectory._records"] = "ids of sandboxes, which nobody can guess; the tenant is compared",
        ["SandboxDirectory._snapshots"] = "ids of snapshots, which nobody can guess; the tenant is compared",
        ["SandboxDirectory._gone"] = "ids of sandboxes",
        ["SandboxDirectory._ended"] = "ids of sandboxes; the tenant is compared",
        ["SandboxClient._waking"] = "ids of sandboxes",
        ["Watchers._watchers"] = "ids of sandboxes",
        ["Kernels._open"] = "ids of sandboxes",
        ["Kernels._spares"] = "ids of sandboxes",
        ["SignsOfLife._open"] = "ids of requests between parts",
    };

    /// <summary>Makers of names, each with a tenant among its parameters or in one of them, and the one that names no tenant's things.</summary>
    private static readonly string[] s_withoutTenant = ["PartRequests.SubjectOf", "MailboxHeaders.KeyOf"];

    private static readonly Assembly[] s_product = [typeof(MessageBus).Assembly, typeof(SandboxOptions).Assembly, typeof(RuntimeOptions).Assembly, typeof(GatewayOptions).Assembly, typeof(E2bOptions).Assembly];

    [Fact]
    public void EveryCacheIsKeyedByTenantOrSaysWhyNot()
    {
        var dictionaries =
            from type in s_product.SelectMany(a => a.GetTypes())
            where !type.IsDefined(typeof(CompilerGeneratedAttribute)) && type.Name[0] != '<' && !type.IsEnum
            from field in type.GetFields(All)
            where field.Name.StartsWith('_') && IsCache(field) && !HasTenant(field)
            select $"{type.Name.Split('`')[0]}.{field.Name}";

        if (dictionaries.Where(name => !s_keyedOtherwise.ContainsKey(name)).ToList() is { Count: > 0 } unknown)
        {
            Assert.Fail(string.Join(", ", unknown));
        }
    }

    [Fact]
    public void EveryNameOnTheBusIsMadeOfATenant()
    {
        var makers =
            from type in typeof(MessageBus).Assembly.GetTypes()
            from method in type.GetMethods(All)
            where method.IsStatic && method.ReturnType == typeof(string) && method.GetParameters().Length > 0
            where method.Name is "SubjectOf" or "KeyOf" or "NameOf" || method.Name.EndsWith("Key", StringComparison.Ordinal)
            where type.Namespace is not null && !type.Namespace.StartsWith("ToolRuntime.Bus.Nats", StringComparison.Ordinal)
            select (Name: $"{type.Name}.{method.Name}", Takes: method.GetParameters().Any(p => p.Name == "tenant" || p.ParameterType == typeof(Invocation) || Knows(p.ParameterType)));
        var found = makers.ToList();

        Assert.True(found.Count >= 9, string.Join(", ", found.Select(f => f.Name)));
        Assert.Equal(s_withoutTenant, found.Where(f => !f.Takes).Select(f => f.Name));
    }

    [Fact]
    public void TwoTenantsNeverMeetInAName()
    {
        var (one, other) = (new Caller("one", "s", "c"), new Caller("other", "s", "c"));
        var version = new FunctionVersion { Digest = "d", Tenant = "one", Manifest = new FunctionManifest { Name = "f", Language = FunctionLanguage.Mcp }, Tools = [], Layers = [], CreatedAt = default };

        Assert.NotEqual(ServerAddress.For(one, null, version), ServerAddress.For(other, null, version));
        Assert.NotEqual(ServerAddress.For(one, "session", version), ServerAddress.For(other, "session", version));
        Assert.False(ServerAddress.For(one, "session", version).IsOf(other, "session"));
        Assert.NotEqual(LayerIndex.KeyOf("one", "x"), LayerIndex.KeyOf("other", "x"));
        Assert.NotEqual(LayerIndex.KeyOf("a", "b", "c"), LayerIndex.KeyOf("ab", "c"));
        Assert.NotNull(typeof(LeaseRequest).GetProperty("Tenant"));
        Assert.NotNull(typeof(PipeAddress).GetProperty("Tenant"));
    }

    private static bool IsCache(FieldInfo field) =>
        typeof(IDictionary).IsAssignableFrom(field.FieldType) && field.FieldType.IsGenericType && field.FieldType.GenericTypeArguments.Length == 2
        && !(field.IsStatic && field.FieldType.Name.StartsWith("Frozen", StringComparison.Ordinal)) && field.FieldType.GenericTypeArguments[0] != typeof(Type);

    private static bool HasTenant(FieldInfo field) =>
        field.GetCustomAttribute<TupleElementNamesAttribute>()?.TransformNames.Contains("Tenant") == true || Knows(field.FieldType.GenericTypeArguments[0]);

    private static bool Knows(Type type) => type.GetProperty("Tenant") is not null || type.GetProperty("Caller")?.PropertyType == typeof(Caller);
}
