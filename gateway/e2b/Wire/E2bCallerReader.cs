using Microsoft.AspNetCore.Http;

namespace ToolRuntime.E2b.Wire;

/// <summary>Reads who asks from a request's key.</summary>
public delegate E2bCaller E2bCallerReader(HttpContext context);
