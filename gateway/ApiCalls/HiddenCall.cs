using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.ApiCalls;

/// <summary>The arguments of an API's <c>call_tool</c>: which operation is meant, and its own arguments.</summary>
internal static class HiddenCall
{
    /// <summary>Reads <c>{"name","arguments"?}</c>.</summary>
    /// <exception cref="FunctionFaultException">They are not of that form.</exception>
    public static (string Tool, ReadOnlyMemory<byte> Arguments) Read(ReadOnlyMemory<byte> arguments)
    {
        var name = RawJson.Text(RawJson.Member(arguments, "name"u8));
        var inner = RawJson.Member(arguments, "arguments"u8);
        if (name is null)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "/name: the name of the tool to call is missing", "find names with the search tool of the same source");
        }

        if (inner.Length > 0 && inner.Span[0] == (byte)'"' && RawJson.Text(inner) is { } text && text.AsSpan().TrimStart() is ['{', ..])
        {
            // Models that were shown an object often send its text.
            inner = Encoding.UTF8.GetBytes(text);
        }

        return inner.IsEmpty || RawJson.IsObject(inner)
            ? (name, inner)
            : throw new FunctionFaultException(FaultCode.InvalidArguments, "/arguments: must be an object, the arguments of the tool to call", "see its input schema with the describe tool of the same source");
    }
}
