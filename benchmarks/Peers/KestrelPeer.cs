using System.Text;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>The physical limit of an answer of the gateway's own: Kestrel that reads a POST and writes fixed JSON.</summary>
internal static class KestrelPeer
{
    /// <summary>Answers on the loopback <paramref name="port"/> with JSON of <paramref name="size"/> bytes until the process ends.</summary>
    public static async Task ServeAsync(int port, int size)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var answer = Encoding.UTF8.GetBytes("\"" + new string('x', Math.Max(0, size - 2)) + "\"");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            var body = context.Request.BodyReader;
            while (true)
            {
                var read = await body.ReadAsync();
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.BodyWriter.WriteAsync(answer);
        });
        await app.RunAsync();
    }
}
