using System.Diagnostics;
using System.Text.Json;

namespace ToolRuntime.Benchmarks.Load;

/// <summary>The load in a process of its own, so that its garbage and its threads are not those of what is measured.</summary>
internal static class LoadProcess
{
    /// <summary>The hidden verb that makes this program a load generator: one specification on stdin, one result on stdout.</summary>
    public const string Verb = "load";

    /// <summary>Runs the load in a child process.</summary>
    public static async Task<LoadResult> RunAsync(LoadSpec spec)
    {
        using var process = Process.Start(Self.Start(Verb))!;
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(spec, LoadJson.Default.LoadSpec));
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize(output, LoadJson.Default.LoadResult)!
            : throw new InvalidDataException($"the load of {spec.Path} failed: {output}");
    }

    /// <summary>What the child does.</summary>
    public static int Serve()
    {
        var spec = JsonSerializer.Deserialize(Console.In.ReadToEnd(), LoadJson.Default.LoadSpec)!;
        using var loop = new ClosedLoop(spec);
        try
        {
            Console.Out.Write(JsonSerializer.Serialize(loop.Run(), LoadJson.Default.LoadResult));
            return 0;
        }
        catch (InvalidDataException wrong)
        {
            Console.Out.Write(wrong.Message);
            return 1;
        }
    }
}

/// <summary>This program as a child process.</summary>
internal static class Self
{
    /// <summary>How to start it with <paramref name="arguments"/>, its standard input and output on pipes.</summary>
    public static ProcessStartInfo Start(params string[] arguments) => new("dotnet", [typeof(Self).Assembly.Location, .. arguments])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    };
}
