using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>What the document says as a whole.</summary>
internal sealed class ModelReader(LoadedDocument root, IReadOnlyList<ApiWarning> before, ReadOptions options)
{
    private const string Hint = "give an OpenAPI (3.0 to 3.2) or Swagger 2.0 document";

    private readonly Findings _findings = new(options.MaximumWarnings);

    public ApiModel Read()
    {
        if (!root.Root.IsObject())
        {
            throw new ApiDocumentException("the document is no object", "1:1", Hint);
        }

        var format = Format();
        FormatReader reader = format == ApiFormat.Swagger20 ? new SwaggerReader(root, _findings) : new OpenApiReader(root, _findings);
        var operations = new PathsReader(root, reader, _findings, options).Read();
        var info = root.Root.Member("info");
        return new ApiModel
        {
            Title = info.Text("title") ?? "",
            Version = info.Text("version") ?? "",
            Description = info.Text("description") ?? "",
            Format = format,
            Operations = operations,
            Refusals = _findings.Refusals,
            Warnings = [.. before, .. _findings.Warnings],
            SecuritySchemes = reader.Schemes,
        };
    }

    private ApiFormat Format()
    {
        var document = root.Root;
        if (document.Text("swagger") is { } swagger)
        {
            Unless(swagger.StartsWith('2'), "/swagger", swagger, "2.0");
            return ApiFormat.Swagger20;
        }

        if (document.Text("openapi") is { } version)
        {
            return OfVersion(version);
        }

        if (document.Member("swaggerVersion").ValueKind != JsonValueKind.Undefined)
        {
            throw new ApiDocumentException($"Swagger {document.Text("swaggerVersion")} is too old", "/swaggerVersion", "convert the document to OpenAPI 3 first");
        }

        if (!document.Member("paths").IsObject())
        {
            throw new ApiDocumentException("the document is no API document: it has neither 'openapi', 'swagger' nor 'paths'", "", Hint);
        }

        var isSwagger = document.Member("definitions").IsObject() || document.Text("host") is not null || document.Text("basePath") is not null;
        _findings.Warn(WarningCodes.VersionUnclear, "", $"the document has no version; it is read as {(isSwagger ? "Swagger 2.0" : "OpenAPI 3.0")}");
        return isSwagger ? ApiFormat.Swagger20 : ApiFormat.OpenApi30;
    }

    private ApiFormat OfVersion(string version)
    {
        if (version.StartsWith("3.0", StringComparison.Ordinal) || version is "3")
        {
            return ApiFormat.OpenApi30;
        }

        if (version.StartsWith("3.1", StringComparison.Ordinal))
        {
            return ApiFormat.OpenApi31;
        }

        if (version.StartsWith('2'))
        {
            Unless(false, "/openapi", version, "2.0");
            return ApiFormat.Swagger20;
        }

        Unless(version.StartsWith("3.2", StringComparison.Ordinal), "/openapi", version, "3.2");
        return ApiFormat.OpenApi32;
    }

    private void Unless(bool isKnown, string pointer, string version, string read)
    {
        if (!isKnown)
        {
            _findings.Warn(WarningCodes.VersionUnclear, pointer, $"there is no version '{version}'; it is read as {read}");
        }
    }
}
