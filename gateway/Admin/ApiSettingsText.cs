using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Admin;

/// <summary>Settings of an API as a JSON object of which every member but <c>root</c> may be left out or null.</summary>
internal static class ApiSettingsText
{
    private static readonly string[] s_known = [.. FunctionsJson.Default.ApiSettings.Properties.Select(p => p.Name)];

    /// <summary>Reads them.</summary>
    /// <exception cref="FunctionFaultException">They are no such object; every wrong member is named.</exception>
    public static ApiSettings Read(string text)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject said)
            {
                throw Wrong("is no object");
            }

            if (said.Select(m => m.Key).Except(s_known, StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
            {
                throw Wrong($"has unknown members: {string.Join(", ", unknown)}; known are {string.Join(", ", s_known)}");
            }

            // What is not said has its default, which reading alone would not give it.
            var whole = JsonSerializer.SerializeToNode(new ApiSettings { Root = "" }, FunctionsJson.Default.ApiSettings)!.AsObject();
            foreach (var (name, value) in said.Where(m => m.Value is not null))
            {
                whole[name] = value!.DeepClone();
            }

            var settings = whole.Deserialize(FunctionsJson.Default.ApiSettings)!;
            return settings.Root.Length > 0 || settings.Source is not null ? settings : throw Wrong("needs \"root\" (the document's name among those sent) or \"source\" (its URL)");
        }
        catch (JsonException error)
        {
            throw Wrong($"cannot be read: {error.Message}");
        }
    }

    private static FunctionFaultException Wrong(string what) => new(FaultCode.DeployRefused, $"?settings= {what}", "it is a JSON object like the member \"api\" of a manifest");
}
