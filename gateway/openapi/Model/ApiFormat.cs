namespace ToolRuntime.OpenApi.Model;

/// <summary>What an API was described in.</summary>
public enum ApiFormat
{
    /// <summary>Swagger 2.0.</summary>
    Swagger20,

    /// <summary>OpenAPI 3.0.x.</summary>
    OpenApi30,

    /// <summary>OpenAPI 3.1.x.</summary>
    OpenApi31,

    /// <summary>OpenAPI 3.2.x.</summary>
    OpenApi32,

    /// <summary>Tools written by hand in YAML.</summary>
    Manual,

    /// <summary>gRPC by server reflection.</summary>
    Grpc,
}
