using System.Runtime;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>One C# session: what a cell declares, the next ones see.</summary>
internal sealed class Session(CellOutput output)
{
    private static readonly string[] s_usings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Text", "System.Text.Json",
        "System.Threading", "System.Threading.Tasks",
    ];

    private static readonly string[] s_leftOut = ["Microsoft.CodeAnalysis", "Microsoft.VisualBasic", "ToolRuntime.Sandbox.Protocol"];

    private readonly ScriptOptions _options = ScriptOptions.Default
        .WithReferences(Platform())
        .WithImports([.. s_usings, "ToolRuntime.Kernels.CSharp.Cell"])
        .WithEmitDebugInformation(true)
        .WithFileEncoding(System.Text.Encoding.UTF8)
        .WithAllowUnsafe(true);

    private ScriptState<object>? _state;

    /// <summary>Evaluates what makes the compiler and all that is around it ready.</summary>
    public void WarmUp()
    {
        Cell.Output = output;

        // ControlledExecution never comes back from code that it was given without a token that can be cancelled.
        using var interrupt = new CancellationTokenSource();
        Execute("var warmUp = await Task.FromResult(new List<int> { 1 }); Console.Write(\"\"); warmUp.Select(x => x + 1).ToArray()", 0, interrupt.Token, isShown: false);
        Execute("$\"{warmUp.Count}\"", 0, interrupt.Token, isShown: false);
        _state = null;
    }

    /// <summary>Runs a cell and shows the value of its last expression.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public void Execute(string code, int number, CancellationToken cancellationToken, bool isShown = true)
    {
        var options = _options.WithFilePath($"cell-{number}");
        var script = _state is { } state ? state.Script.ContinueWith<object>(code, options) : CSharpScript.Create<object>(code, options);
        script.Compile(cancellationToken);
        Run(script, cancellationToken);
        if (_state!.Exception is { } thrown)
        {
            throw new CellException(thrown);
        }

        if (_state.ReturnValue is { } value)
        {
            Values.Show(output, value, isMain: true, isShown);
        }
    }

    // Code that computes can be broken off only in here; what it awaits is left to itself.
    private void Run(Script<object> script, CancellationToken cancellationToken) => ControlledExecution.Run(
        () =>
        {
            // The state survives an exception: what the cell declared until then stays.
            var run = _state is { } state
                ? script.RunFromAsync(state, catchException: static _ => true, cancellationToken)
                : script.RunAsync(globals: null, catchException: static _ => true, cancellationToken);
            run.Wait(cancellationToken);
            _state = run.Result;
        },
        cancellationToken);

    private static IEnumerable<MetadataReference> Platform() => ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(path => !s_leftOut.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)))
        .Select(path => MetadataReference.CreateFromFile(path));
}
