using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats;

/// <summary>What we say of ourselves in CONNECT.</summary>
internal sealed record NatsClientInfo(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("user")] string? User,
    [property: JsonPropertyName("pass")] string? Password)
{
    [JsonPropertyName("lang")]
    public string Language => "csharp";

    [JsonPropertyName("version")]
    public string Version => "0.1.0";

    [JsonPropertyName("protocol")]
    public int Protocol => 1;

    [JsonPropertyName("headers")]
    public bool Headers => true;

    [JsonPropertyName("no_responders")]
    public bool NoResponders => true;

    [JsonPropertyName("verbose")]
    public bool Verbose => false;

    [JsonPropertyName("pedantic")]
    public bool Pedantic => false;
}
