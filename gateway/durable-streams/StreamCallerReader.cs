using Microsoft.AspNetCore.Http;

namespace ToolRuntime.Streams;

/// <summary>Reads who asks from a request's key.</summary>
public delegate StreamCaller StreamCallerReader(HttpContext context);
