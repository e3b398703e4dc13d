namespace ToolRuntime.OpenApi.Faults;

/// <summary>Carries an <see cref="ApiFault"/> through code that cannot return it.</summary>
public sealed class ApiFaultException : Exception
{
    /// <summary>Wraps <paramref name="fault"/>.</summary>
    public ApiFaultException(ApiFault fault, Exception? innerException = null)
        : base(fault.Message, innerException) => Fault = fault;

    /// <summary>Wraps a fault of its parts.</summary>
    public ApiFaultException(ApiFaultCode code, string message, string? hint = null, Exception? innerException = null)
        : this(new ApiFault(code, message, hint), innerException)
    {
    }

    /// <summary>The failure.</summary>
    public ApiFault Fault { get; }

    /// <summary>An argument that cannot be sent.</summary>
    /// <param name="argument">Its name in the tool's input.</param>
    /// <param name="reason">Why, as the end of a sentence: <c>is missing</c>.</param>
    public static ApiFaultException Argument(string argument, string reason) =>
        new(new ApiFault(ApiFaultCode.InvalidArgument, $"argument {argument} {reason}", Argument: argument));
}
