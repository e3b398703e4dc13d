using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Logs;
using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.Objects;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit.Bus;

public sealed class BusNamesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TheTenantIsAPartOfEveryName()
    {
        const string Tenant = "tenant-x";
        var invocation = InvocationOf(Tenant);
        string[] names =
        [
            InvocationQueue.SubjectOf(invocation, owner: null),
            InvocationQueue.SubjectOf(invocation, owner: "r1"),
            TopicPlace.Of(TopicKey.Of(invocation), 4).Subject,
            TopicPlace.Of(TopicKey.Of(invocation), 4).LiveSubject,
            TopicPlace.IndexOf(Tenant, invocation.Session, 4).Subject,
            ControlSignals.SubjectOf(new ControlSignal(Tenant, invocation.Id, ControlKind.Cancel, default)),
            ControlSignals.KeyOf(Tenant, invocation.Id),
            CatalogStore.VersionKey(Tenant, "d1"),
            CatalogStore.RecordKey(Tenant, "add"),
            SessionOwners.KeyOf(Tenant, invocation.Session),
            AuditLog.SubjectOf(invocation),
            FunctionLogs.SubjectOf(Tenant, "add"),
            ObjectStore.NameOf(Tenant, "package", "d1"),
        ];
        Assert.All(names, name => Assert.Contains(Tenant, name.Split('.', '/')));
        Assert.All(names, name => Assert.DoesNotContain(' ', name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("*")]
    [InlineData(">")]
    [InlineData("a\r\nPUB x 0")]
    public void ATenantThatIsNoTokenNeverReachesTheWire(string tenant)
    {
        Assert.Throws<ArgumentException>(() => TopicPlace.Of(TopicKey.Of(InvocationOf(tenant)), 4));
        Assert.Throws<ArgumentException>(() => InvocationQueue.SubjectOf(InvocationOf(tenant), null));
        Assert.Throws<ArgumentException>(() => CatalogStore.RecordKey(tenant, "add"));
        Assert.Throws<ArgumentException>(() => AuditLog.SubjectOf(InvocationOf(tenant)));
    }

    [Fact]
    public void SubjectsThatCouldCarryACommandAreRefused() =>
        Prop.ForAll<NonNull<string>>(text =>
        {
            try
            {
                NatsSubject.CheckPublish(text.Get);
                return !text.Get.Any(c => c <= ' ' || c == 127 || c == '*' || c == '>') && text.Get.Length > 0;
            }
            catch (ArgumentException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void SequencesSurviveTheirRanges() =>
        Prop.ForAll<ushort[]>(values =>
        {
            var sequences = values.Select(v => (ulong)v + 1).ToList();
            return SequenceRanges.Parse(SequenceRanges.Format(sequences), sequences.Count).SequenceEqual(sequences);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheChainGivesBackWhatCameBefore() =>
        Prop.ForAll<ushort[]>(steps =>
        {
            ulong at = 0;
            var earlier = steps.Select(s => at += (ulong)s + 1).TakeLast(EventChain.Length).ToList();
            var headers = EventChain.Format(earlier) is { } chain ? default(NatsHeaders).With(EventChain.Header, chain) : default;
            headers = headers.With("Nats-Expected-Last-Subject-Sequence", (earlier.Count == 0 ? 0 : earlier[^1]).ToString());
            return EventChain.Earlier(headers).SequenceEqual(Enumerable.Reverse(earlier));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AnEventSurvivesItsStoredForm()
    {
        foreach (var kind in Enum.GetValues<EventKind>())
        {
            var (value, reference) = EventCodec.Decode(EventCodec.Encode(new InvocationEvent(kind, "{}"u8.ToArray())));
            Assert.Equal((kind, "{}", null), (value.Kind, Encoding.UTF8.GetString(value.Data.Span), reference));
            Assert.Equal("ref", EventCodec.Decode(EventCodec.EncodeReference(kind, "ref")).Reference);
        }
    }

    [Fact]
    public void ASessionHasOneOwnerAndItsEpochGrowsWithEachChange()
    {
        var minute = TimeSpan.FromMinutes(1);
        var first = SessionOwners.Next(null, new OwnerClaim("a", minute, null), s_now)!;
        Assert.Null(SessionOwners.Next(first, new OwnerClaim("b", minute, null), s_now));
        Assert.Equal(1ul, SessionOwners.Next(first, new OwnerClaim("a", minute, null), s_now)!.Epoch);
        Assert.Equal(("b", 2ul), (SessionOwners.Next(first, new OwnerClaim("b", minute, null), s_now + minute)!.Runtime, SessionOwners.Next(first, new OwnerClaim("b", minute, null), s_now + minute)!.Epoch));
    }

    [Fact]
    public void CreditNeverExceedsWhatIsFreeAndABusyConsumerGrows() =>
        Prop.ForAll<byte, byte, byte>((free, outstanding, delivered) =>
        {
            var grant = InvocationTaker.Grant(free, outstanding, delivered, reserve: 4);
            return grant >= 0 && grant <= free && (free == 0 || outstanding > 2 || grant > 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void LimitsFitTheBudgetInProportion()
    {
        var options = new BusOptions().ScaledTo(4L << 30);
        Assert.InRange(options.TotalBytes, 3L << 30, 4L << 30);
        Assert.Equal(2, options.SessionBytes / options.QueueBytes);
        Assert.Equal(new BusOptions().TotalBytes, new BusOptions().ScaledTo(long.MaxValue).TotalBytes);
    }

    [Theory]
    [InlineData("42 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20", 777ul)]
    [InlineData("42 (nats) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20", null)]
    [InlineData("42 (nats) S 1", null)]
    public void AProcessIsKnownByItsStart(string stat, ulong? expected) => Assert.Equal(expected, ProcessMark.ParseStartTime(stat));

    private static Invocation InvocationOf(string tenant) => new()
    {
        Id = Ids.New(),
        Session = Ids.New(),
        Caller = new Caller(tenant, "s", "c"),
        Pool = "base",
        Function = "add",
        Version = "d1",
        Tool = "add",
        Arguments = default,
        AcceptedAt = s_now,
        Deadline = s_now,
    };
}
