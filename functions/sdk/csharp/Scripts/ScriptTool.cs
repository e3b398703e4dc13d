using System.Collections;
using System.Reflection;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>A tool's method, ready to be called.</summary>
internal sealed class ScriptTool
{
    /// <summary>Most parameters of a tool.</summary>
    public const int MaximumParameters = 64;

    private static readonly MethodInfo s_box = typeof(ScriptTool).GetMethod(nameof(Box), BindingFlags.Static | BindingFlags.NonPublic)!;
    private readonly object? _target;
    private readonly MethodInvoker _invoker;
    private readonly MethodInvoker? _asTask;
    private readonly MethodInvoker? _taskResult;
    private readonly Func<object, IAsyncEnumerable<object?>>? _pieces;

    /// <summary>Prepares <paramref name="method"/> of <paramref name="instance"/>.</summary>
    public ScriptTool(string name, MethodInfo method, object instance)
    {
        Name = name;
        _target = method.IsStatic ? null : instance;
        _invoker = MethodInvoker.Create(method);
        Binder = new ArgumentBinder([.. method.GetParameters().Select(ToolParameter.Of)]);
        Shape = ResultShape.Of(method);
        var returned = method.ReturnType;
        if (Shape.IsTask && returned.IsValueType)
        {
            _asTask = MethodInvoker.Create(returned.GetMethod(nameof(ValueTask.AsTask))!);
        }

        if (Shape is { IsTask: true, Kind: ResultKind.Value })
        {
            _taskResult = MethodInvoker.Create(typeof(Task<>).MakeGenericType(Shape.Type).GetMethod("get_Result")!);
        }

        if (Shape.Kind == ResultKind.AsyncPieces)
        {
            _pieces = s_box.MakeGenericMethod(Shape.Type).CreateDelegate<Func<object, IAsyncEnumerable<object?>>>();
        }
    }

    /// <summary>The tool's name.</summary>
    public string Name { get; }

    /// <summary>Makes its arguments.</summary>
    public ArgumentBinder Binder { get; }

    /// <summary>What it returns.</summary>
    public ResultShape Shape { get; }

    /// <summary>Runs the method up to its first await, in this thread. What it returns goes to one of the members below.</summary>
    public object? Invoke(object?[] arguments) => _invoker.Invoke(_target, arguments.AsSpan());

    /// <summary>The task behind an awaited return value.</summary>
    public Task TaskOf(object returned) => (Task)(_asTask is null ? returned : _asTask.Invoke(returned)!);

    /// <summary>The value of a task that has ended well.</summary>
    public object? ResultOf(Task ended) => _taskResult?.Invoke(ended);

    /// <summary>The pieces of an async iterator.</summary>
    public IAsyncEnumerable<object?> AsyncPiecesOf(object returned) => _pieces!(returned);

    /// <summary>The pieces of an iterator.</summary>
    public static IEnumerable PiecesOf(object returned) => returned switch
    {
        IEnumerable pieces => pieces,
        IEnumerator pieces => Remaining(pieces),
        _ => throw new InvalidOperationException($"{returned.GetType()} cannot be iterated"),
    };

    private static IEnumerable Remaining(IEnumerator pieces)
    {
        while (pieces.MoveNext())
        {
            yield return pieces.Current;
        }
    }

    private static async IAsyncEnumerable<object?> Box<T>(object pieces)
    {
        await foreach (var piece in (IAsyncEnumerable<T>)pieces)
        {
            yield return piece;
        }
    }
}
