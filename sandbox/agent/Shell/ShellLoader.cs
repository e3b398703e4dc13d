using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>Reads a script and, where asked, says what tool it is.</summary>
internal static partial class ShellLoader
{
    /// <exception cref="ShellHeaderException">The script is missing or its header cannot be understood.</exception>
    internal static LoadedScript Load(JsonElement request, int defaultOutputBytes)
    {
        var root = request.GetProperty("root").GetString() ?? "/";
        var entry = request.GetProperty("entry").GetString() ?? "";
        var path = Path.Combine(root, entry);
        if (!File.Exists(path))
        {
            throw new ShellHeaderException(0, $"There is no file '{entry}' in the package.");
        }

        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (request.TryGetProperty("environment", out var variables) && variables.ValueKind == JsonValueKind.Object)
        {
            foreach (var variable in variables.EnumerateObject())
            {
                environment[variable.Name] = variable.Value.GetString() ?? "";
            }
        }

        var outputBytes = request.TryGetProperty("outputBytes", out var most) && most.TryGetInt32(out var bytes) && bytes > 0 ? bytes : defaultOutputBytes;
        return new LoadedScript(root, path, environment, outputBytes, ShellHeader.Read(File.ReadAllText(path), entry));
    }

    /// <summary>Lets bash judge the syntax, then gives the tool.</summary>
    /// <exception cref="ShellHeaderException">The script is no valid bash.</exception>
    internal static JsonNode Inspect(Reaper reaper, LoadedScript loaded, JsonElement request)
    {
        var errors = CheckSyntax(reaper, loaded.Path);
        if (errors.Length > 0)
        {
            var line = LineNumber().Match(errors);
            throw new ShellHeaderException(
                line.Success ? int.Parse(line.Groups["line"].ValueSpan, CultureInfo.InvariantCulture) : 0,
                $"bash does not accept the script: {errors.Replace(loaded.Path, Path.GetFileName(loaded.Path), StringComparison.Ordinal).Trim()}");
        }

        return loaded.Header.ToDefinition(request.GetProperty("entry").GetString() ?? "");
    }

    private static unsafe string CheckSyntax(Reaper reaper, string path)
    {
        var child = new Child();
        using var ends = new PipeEnds();
        var (nothing, error) = (ends.Null(), ends.FromChild());
        reaper.Start(child, new SpawnPlan
        {
            Arguments = ["bash", "-n", path],
            Environment = new SandboxEnvironment().With(null),
            Descriptors = [nothing, nothing, error.Child],
        });
        ends.CloseChildEnds();
        var text = new MemoryStream();
        var buffer = stackalloc byte[4096];
        while (Descriptors.Read(error.Agent, buffer, 4096) is var read and > 0)
        {
            text.Write(new ReadOnlySpan<byte>(buffer, read));
        }

        child.ReturnExitEvent();
        return child.WaitForExit().Code == 0 ? "" : Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length) + " ";
    }

    [GeneratedRegex("line (?<line>[0-9]+):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LineNumber();
}
