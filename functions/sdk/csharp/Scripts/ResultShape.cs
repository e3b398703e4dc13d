using System.Reflection;
using System.Runtime.CompilerServices;

namespace ToolRuntime.Sdk.Scripts;

/// <summary>How a method's return value becomes a result.</summary>
/// <param name="Kind">What it is once awaited.</param>
/// <param name="IsTask">Whether it is awaited: a task, or a value task.</param>
/// <param name="Type">The value's, or each piece's, type.</param>
internal sealed record ResultShape(ResultKind Kind, bool IsTask, Type Type)
{
    /// <summary>Whether pieces come before the result.</summary>
    public bool Streams => Kind is ResultKind.Pieces or ResultKind.AsyncPieces;

    /// <summary>Whether the value is, or is a list of, content blocks.</summary>
    public bool IsContent => IsContentType(Type);

    /// <summary>Reads a method's return type.</summary>
    public static ResultShape Of(MethodInfo method)
    {
        var type = method.ReturnType;
        if (type == typeof(void))
        {
            return new ResultShape(ResultKind.None, false, typeof(void));
        }

        if (type == typeof(Task) || type == typeof(ValueTask))
        {
            return new ResultShape(ResultKind.None, true, typeof(void));
        }

        if (IsGeneric(type, typeof(IAsyncEnumerable<>)))
        {
            return new ResultShape(ResultKind.AsyncPieces, false, type.GetGenericArguments()[0]);
        }

        if (IsGeneric(type, typeof(Task<>)) || IsGeneric(type, typeof(ValueTask<>)))
        {
            return new ResultShape(ResultKind.Value, true, type.GetGenericArguments()[0]);
        }

        return method.IsDefined(typeof(IteratorStateMachineAttribute), inherit: false)
            ? new ResultShape(ResultKind.Pieces, false, type.IsGenericType ? type.GetGenericArguments()[0] : typeof(object))
            : new ResultShape(ResultKind.Value, false, type);
    }

    /// <summary>Whether values of <paramref name="type"/> are content blocks.</summary>
    public static bool IsContentType(Type type) => type == typeof(Content) || typeof(IEnumerable<Content>).IsAssignableFrom(type);

    private static bool IsGeneric(Type type, Type definition) => type.IsGenericType && type.GetGenericTypeDefinition() == definition;
}
