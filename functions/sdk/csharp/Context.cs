using System.Text.Json;

namespace ToolRuntime.Sdk;

/// <summary>One call, as the function sees it: a parameter of this type is given by the runtime and is in no schema.</summary>
public abstract class Context
{
    private static readonly AsyncLocal<Context?> s_current = new();

    /// <summary>The context of the call that runs here.</summary>
    /// <exception cref="InvalidOperationException">No call runs here.</exception>
    public static Context Current => s_current.Value
        ?? throw new InvalidOperationException("no call runs here: Context.Current works inside a tool method");

    /// <summary>The invocation's id.</summary>
    public abstract string Invocation { get; }

    /// <summary>The session's id.</summary>
    public abstract string Session { get; }

    /// <summary>The caller's tenant.</summary>
    public abstract string Tenant { get; }

    /// <summary>The function's name.</summary>
    public abstract string Function { get; }

    /// <summary>The tool's name.</summary>
    public abstract string Tool { get; }

    /// <summary>1 for the first run of the invocation, more after a redelivery.</summary>
    public abstract int Attempt { get; }

    /// <summary>W3C <c>traceparent</c>, or null.</summary>
    public abstract string? TraceParent { get; }

    /// <summary>What is left until the call's deadline, zero when it passed; null where there is none.</summary>
    public abstract TimeSpan? TimeLeft { get; }

    /// <summary>Fires when the call is cancelled and when its deadline passes. The same as a parameter of type <see cref="CancellationToken"/>.</summary>
    public abstract CancellationToken Cancellation { get; }

    /// <summary>The state that an earlier attempt kept with <see cref="Checkpoint"/>, or null.</summary>
    public abstract JsonElement? PreviousCheckpoint { get; }

    /// <summary>The tools that the caller of this call may use.</summary>
    public abstract Tools Tools { get; }

    /// <summary>Small JSON values by key, of the session and of the tenant.</summary>
    public abstract State State { get; }

    /// <summary>The mailboxes of the tenant.</summary>
    public abstract Mailboxes Mailbox { get; }

    /// <summary>The call that runs here, or null.</summary>
    internal static Context? Ambient
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>Says how far the call is.</summary>
    public abstract void Progress(double progress, double? total = null, string? message = null);

    /// <summary>A log line of an MCP level: debug, info, notice, warning, error, critical, alert or emergency.</summary>
    public abstract void Log(string text, string level = "info");

    /// <summary>Gives a piece of the result before the result; nothing happens where nobody reads pieces.</summary>
    public abstract void Emit(object? value);

    /// <summary>Keeps <paramref name="state"/>, any JSON value; a later attempt finds it in <see cref="PreviousCheckpoint"/>.</summary>
    public abstract void Checkpoint(object? state);

    /// <summary>
    /// Runs <paramref name="run"/> once for this invocation and <paramref name="name"/> and gives its result, which is kept as JSON before this
    /// returns: a call that is run again after a crash gets it without running <paramref name="run"/>.
    /// </summary>
    /// <param name="name">1 to 200 characters.</param>
    /// <param name="run">The step.</param>
    /// <exception cref="ToolException">The name does not fit, or the result could not be kept.</exception>
    public abstract Task<T> StepAsync<T>(string name, Func<Task<T>> run);

    /// <summary>Asks the caller to fill in a form of the shape of <typeparamref name="T"/>, a record or class of plain members.</summary>
    /// <exception cref="ToolException">The caller cannot be asked.</exception>
    public abstract Task<Answer<T>> ElicitAsync<T>(string message);

    /// <summary>Asks the caller with a JSON Schema of the form; the content stays JSON.</summary>
    /// <exception cref="ToolException">The caller cannot be asked.</exception>
    public abstract Task<Answer<JsonElement>> ElicitAsync(string message, JsonElement requestedSchema);

    /// <summary>
    /// Asks the caller several things at once. <paramref name="requests"/> becomes a JSON object of MCP requests by name,
    /// <c>{"who": {"method": "elicitation/create", "params": {…}}}</c>, also <c>sampling/createMessage</c> and <c>roots/list</c>.
    /// </summary>
    /// <returns>
    /// The results by the same names. Where the caller's client cannot be asked, an elicitation is cancelled and the others have
    /// <c>{"error": {…}}</c>.
    /// </returns>
    /// <exception cref="ToolException">The caller cannot be asked, or the requests are none.</exception>
    public abstract Task<IReadOnlyDictionary<string, JsonElement>> AskAsync(object requests);
}
