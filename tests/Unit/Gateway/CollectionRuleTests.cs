using System.Globalization;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Collection;

namespace ToolRuntime.Tests.Unit.Gateway;

/// <summary>Nothing that is referred to is ever collected, and what nobody refers to does go.</summary>
public sealed class CollectionRuleTests
{
    private const int Cases = 500;
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly CollectionOptions s_options = new() { KeepVersions = 2 };

    [Fact]
    public void NothingReferredToIsEverCollected() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var view = Random(new Random(seed));
            var plan = CollectionRule.Plan(view, s_options, s_now);
            foreach (var version in plan.Versions)
            {
                Assert.DoesNotContain((version.Tenant, version.Digest), view.InSessions);
                Assert.True(s_now - version.CreatedAt >= s_options.Grace);
                foreach (var record in view.Records.Where(r => r.Tenant == version.Tenant))
                {
                    Assert.DoesNotContain(record.Active, a => a.Digest == version.Digest);
                    Assert.DoesNotContain(version.Digest, record.History.Take(s_options.KeepVersions));
                    if (record.Retired.TryGetValue(version.Digest, out var since))
                    {
                        Assert.True(s_now - since >= TimeSpan.FromSeconds(version.Manifest.TimeoutSeconds) + s_options.Grace);
                        Assert.True(s_now - since >= TimeSpan.FromSeconds(version.Manifest.Pool.IdleSeconds) + s_options.Grace);
                    }
                }
            }

            var left = view.Versions.Except(plan.Versions).ToList();
            Assert.All(plan.Objects, o => Assert.True(s_now - o.ModifiedAt >= s_options.Grace));
            Assert.All(plan.Objects.Where(o => o.Kind == "layer"), o => Assert.DoesNotContain(left, v => v.Tenant == o.Tenant && v.Layers.Any(l => l.Digest == o.Digest)));
        }));

    [Fact]
    public void ARecordNamesAfterwardsWhatIsStoredAndNothingElseAndServesWhatItServed() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var view = Random(new Random(seed));
            var plan = CollectionRule.Plan(view, s_options, s_now);
            var gone = plan.Versions.Select(v => (v.Tenant, v.Digest)).ToHashSet();
            foreach (var before in view.Records)
            {
                var after = plan.Records.SingleOrDefault(r => (r.Tenant, r.Name) == (before.Tenant, before.Name)) ?? before;
                Assert.Equal(before.Active, after.Active);
                Assert.DoesNotContain(after.History.Concat(after.Retired.Keys), d => gone.Contains((after.Tenant, d)));
                Assert.Equal(before.History.Take(s_options.KeepVersions), after.History.Take(s_options.KeepVersions));
            }
        }));

    [Fact]
    public void WhatNobodyNeedsGoes()
    {
        var versions = Enumerable.Range(1, 5).Select(n => Version("local", $"v{n}", s_now - TimeSpan.FromDays(10 - n), [$"l{n}", "shared"])).ToList();
        var record = new FunctionRecord
        {
            Tenant = "local",
            Name = "f",
            Active = [new WeightedVersion("v5", 100)],
            History = ["v5", "v4", "v3", "v2", "v1"],
            Retired = new[] { "v1", "v2", "v3", "v4" }.ToDictionary(v => v, _ => s_now - TimeSpan.FromDays(1), StringComparer.Ordinal),
            UpdatedAt = s_now - TimeSpan.FromDays(1),
        };
        var objects = new[] { "l1", "l2", "l3", "l4", "l5", "shared", "nobody" }.Select(l => Stored("layer", l, TimeSpan.FromDays(5)))
            .Append(Stored("package", "p1", TimeSpan.FromDays(5))).Append(Stored("package", "p2", TimeSpan.FromMinutes(5)));

        var plan = CollectionRule.Plan(new StoreView([record], versions, new HashSet<(string, string)> { ("local", "v2") }, [.. objects]), s_options, s_now);

        Assert.Equal(["v1", "v3"], plan.Versions.Select(v => v.Digest).Order());
        Assert.Equal(["l1", "l3", "nobody", "p1"], plan.Objects.Select(o => o.Digest).Order());
        var changed = Assert.Single(plan.Records);
        Assert.Equal(["v5", "v4"], changed.History);
        Assert.Equal(["v2", "v4"], changed.Retired.Keys.Order());
    }

    [Fact]
    public void ARemovedFunctionGoesWholeOnceNoCallCanRun()
    {
        var version = Version("local", "v1", s_now - TimeSpan.FromDays(1), ["l1"]);
        var removed = new FunctionRecord { Tenant = "local", Name = "f", Active = [], History = [], Retired = new Dictionary<string, DateTimeOffset> { ["v1"] = s_now }, UpdatedAt = s_now };
        var view = new StoreView([removed], [version], new HashSet<(string, string)>(), []);
        var free = CollectionRule.FreeAt(version, s_now, s_options.Grace);

        Assert.Empty(CollectionRule.Plan(view, s_options, free - TimeSpan.FromSeconds(1)).Versions);
        var plan = CollectionRule.Plan(view, s_options, free);

        Assert.Equal(version, Assert.Single(plan.Versions));
        Assert.Empty(Assert.Single(plan.Records).Retired);
    }

    private static StoreView Random(Random random)
    {
        var versions = new List<FunctionVersion>();
        var records = new List<FunctionRecord>();
        foreach (var (tenant, name) in new[] { ("a", "f"), ("a", "g"), ("b", "f") })
        {
            var own = Enumerable.Range(0, random.Next(0, 8)).Select(n => Version(tenant, $"{name}{n}", Ago(random), [$"l{random.Next(6)}", $"l{random.Next(6)}"], random)).ToList();
            versions.AddRange(own);
            var named = own.Where(_ => random.Next(6) > 0).Select(v => v.Digest).Reverse().ToList();
            var active = named.Count == 0 || random.Next(5) == 0 ? [] : new[] { new WeightedVersion(named[random.Next(named.Count)], 100) };
            records.Add(new FunctionRecord
            {
                Tenant = tenant,
                Name = name,
                Active = active,
                History = active.Length == 0 ? [] : named,
                Retired = named.Where(d => active.All(a => a.Digest != d) && random.Next(5) > 0).ToDictionary(d => d, _ => Ago(random), StringComparer.Ordinal),
                UpdatedAt = Ago(random),
            });
        }

        var objects = Enumerable.Range(0, 7).SelectMany(n => new[] { "a", "b" }.Select(t => new StoredObject(t, random.Next(4) == 0 ? "package" : "layer", $"l{n.ToString(CultureInfo.InvariantCulture)}", 1, Ago(random), 1)));
        return new StoreView(records, versions, versions.Where(_ => random.Next(5) == 0).Select(v => (v.Tenant, v.Digest)).ToHashSet(), [.. objects]);
    }

    private static DateTimeOffset Ago(Random random) => s_now - TimeSpan.FromMinutes(random.Next(0, 300));

    private static FunctionVersion Version(string tenant, string digest, DateTimeOffset createdAt, string[] layers, Random? random = null) => new()
    {
        Digest = digest,
        Tenant = tenant,
        Manifest = new FunctionManifest
        {
            Name = "f",
            Language = FunctionLanguage.Python,
            TimeoutSeconds = random?.Next(1, 10_000) ?? 300,
            Pool = new PoolSettings { IdleSeconds = random?.Next(1, 10_000) ?? 300 },
        },
        Tools = [],
        Layers = [.. layers.Select(l => new LayerReference(LayerKind.Code, l, 1))],
        CreatedAt = createdAt,
    };

    private static StoredObject Stored(string kind, string digest, TimeSpan age) => new("local", kind, digest, 1, s_now - age, 1);
}
