namespace ToolRuntime.OpenApi.Requests;

/// <summary>Finds what an argument names by URI; null where there is no such thing that the caller may read.</summary>
public delegate ValueTask<ApiResource?> FindResource(Uri uri, CancellationToken cancellationToken);
