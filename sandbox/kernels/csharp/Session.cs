using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>One C# session: what a cell declares, the next ones see.</summary>
internal sealed class Session(CellOutput output)
{
    // After an interrupt: for what ends by itself now. What awaits for ever is left to itself.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(50);

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

        Execute("var warmUp = await Task.FromResult(new List<int> { 1 }); Console.Write(\"\"); foreach (var one in warmUp.Select(x => x + 1)) { } warmUp.ToArray()", 0, CancellationToken.None, isShown: false);
        Execute("$\"{warmUp.Count}\"", 0, CancellationToken.None, isShown: false);
        _state = null;
    }

    /// <summary>Runs a cell and shows the value of its last expression.</summary>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public void Execute(string code, int number, CancellationToken cancellationToken, bool isShown = true)
    {
        var script = Compile(ProgramCode.Of(code), number, cancellationToken);
        try
        {
            Run(script, cancellationToken);
            if (_state!.Exception is { } thrown)
            {
                throw new CellException(thrown);
            }

            if (Settled(_state.ReturnValue, cancellationToken) is { } value)
            {
                Values.Show(output, value, isMain: true, isShown);
            }
        }
        finally
        {
            Uses.End();
        }
    }

    private Script<object> Compile(string code, int number, CancellationToken cancellationToken)
    {
        var script = ScriptOf(code, number);
        if (CheckedCode.Of(script) is { } text)
        {
            var withChecks = ScriptOf(text, number);
            if (withChecks.Compile(cancellationToken).All(d => d.Severity != DiagnosticSeverity.Error))
            {
                return withChecks;
            }
        }

        // Errors are told of the code as it was written, where it is run.
        script.Compile(cancellationToken);
        return script;
    }

    private Script<object> ScriptOf(string code, int number)
    {
        var folder = Environment.CurrentDirectory;
        var options = _options.WithFilePath(CellSources.NameOf(number))
            .WithSourceResolver(new CellSources(folder))
            .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(folder));
        return _state is { } state ? state.Script.ContinueWith<object>(code, options) : CSharpScript.Create<object>(code, options);
    }

    private void Run(Script<object> script, CancellationToken cancellationToken)
    {
        // The state survives an exception: what the cell declared until then stays.
        var run = _state is { } state
            ? script.RunFromAsync(state, catchException: static _ => true, cancellationToken)
            : script.RunAsync(globals: null, catchException: static _ => true, cancellationToken);
        try
        {
            run.Wait(cancellationToken);
        }
        catch (OperationCanceledException) when (Task.WaitAny([run], s_patience) == 0)
        {
            // What goes on elsewhere after an await has met a check.
        }

        _state = run.Result;
    }

    // Who names a task last wants what it gives.
    private static object? Settled(object? value, CancellationToken cancellationToken)
    {
        if (value is not Task task)
        {
            return value;
        }

        task.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        return task.GetType().GetProperty(nameof(Task<>.Result)) is { PropertyType.Name: not "VoidTaskResult" } result ? result.GetValue(task) : null;
    }

    private static IEnumerable<MetadataReference> Platform() => ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(path => !s_leftOut.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)))
        .Select(path => MetadataReference.CreateFromFile(path));
}
