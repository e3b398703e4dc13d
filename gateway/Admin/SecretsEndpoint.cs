using System.Text;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Secrets;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>/admin/secrets</c>: values go in and never come out.</summary>
public sealed class SecretsEndpoint(SecretStore store)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Serves <c>GET /admin/secrets</c>.</summary>
    public async Task ListAsync(HttpContext context)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"secrets\":["u8);
        var first = true;
        foreach (var name in store.List(AdminRequest.Tenant(context)))
        {
            buffer.Raw(first ? ""u8 : ","u8).Text(name);
            first = false;
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Raw("]}"u8).Written, context.RequestAborted);
    }

    /// <summary>Serves <c>PUT /admin/secrets/{name}</c>.</summary>
    public async Task SetAsync(HttpContext context)
    {
        var name = AdminRequest.Name(context);
        if (!SecretStore.IsName(name))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "a secret's name is up to 128 letters, digits and _, and begins with no digit");
        }

        var value = await RequestBody.ReadAsync(context.Request, SecretStore.MaximumValueBytes, context.RequestAborted);
        try
        {
            store.Set(AdminRequest.Tenant(context), name, s_strict.GetString(value.Span));
        }
        catch (DecoderFallbackException)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "a secret's value must be UTF-8", "encode binary values, for example as base64");
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Serves <c>DELETE /admin/secrets/{name}</c>.</summary>
    public Task RemoveAsync(HttpContext context)
    {
        var name = AdminRequest.Name(context);
        context.Response.StatusCode = store.Remove(AdminRequest.Tenant(context), name)
            ? StatusCodes.Status204NoContent
            : throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no secret '{name}'");
        return Task.CompletedTask;
    }
}
