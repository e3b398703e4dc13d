namespace ToolRuntime.E2b.Envd;

/// <summary>A call of a Connect service fails with a code of the protocol.</summary>
internal sealed class ConnectException(string code, string message) : Exception(message)
{
    /// <summary>One of <see cref="ConnectError"/>'s codes.</summary>
    public string Code => code;
}
