namespace ToolRuntime.Bus.Queue;

/// <summary>What a signal to a running call says.</summary>
public enum ControlKind
{
    /// <summary>End it.</summary>
    Cancel,

    /// <summary>Answers to what it asked: payload <c>{"responses":{id: MCP input response}}</c>.</summary>
    InputResponse,
}
