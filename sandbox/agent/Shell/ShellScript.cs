using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>What a waiting bash is told to run: the call's environment, the <c>ctx</c> function and the user's script.</summary>
internal static class ShellScript
{
    /// <summary>A longer variable would make every program that the script starts fail with "Argument list too long"; standard input has it all.</summary>
    private const int LongestVariable = 96 * 1024;

    /// <summary>A step: its kept result, or what the command prints, kept. The command runs in a subshell; where it fails nothing is kept.</summary>
    internal const string Step = """
        __ctx_step() {
          local name=$1 kept other
          shift
          [ "$1" = -- ] && shift
          kept=$(ctx step.begin "$name") || return 1
          if [ "${kept:0:1}" = = ]; then printf '%s\n' "${kept:1}"; return; fi
          kept=$("$@") || { other=$?; ctx step.leave "$name" > /dev/null; return "$other"; }
          other=$(ctx step.finish "$name" "$kept") || return 1
          if [ "${other:0:1}" = = ]; then kept=${other:1}; fi
          printf '%s\n' "$kept"
        }
        """;

    /// <summary>In bash a function without a start of a process; for other programs the command of <see cref="ContextCommand"/>, which finds the same pipes.</summary>
    private const string Context = """
        ctx() {
          case $1 in
            step) __ctx_step "${@:2}"; return ;;
            checkpoint) case ${2--} in -) command ctx "$@"; return ;; esac ;;
          esac
          local IFS=$'\037'
          printf '%s\0' "$*" >&5 || return 1
          case $1 in
            call|tools|elicit|ask|state|mailbox|step.*)
              local LC_ALL=C head= body=
              IFS= read -r -d '' -u 6 head || return 1
              IFS= read -r -N "${head#?}" -u 6 body
              if [ "${head:0:1}" = + ]; then printf '%s\n' "$body"; else printf '%s\n' "$body" >&2; return 1; fi ;;
          esac
        }
        export -f ctx __ctx_step
        export TOOL_CONTEXT=/proc/$$/fd PATH=/toolrt/sdk/shell:$PATH
        """;

    internal static string Build(LoadedScript loaded, JsonElement head, ReadOnlySpan<byte> arguments)
    {
        var text = new StringBuilder("exec 3<&-\n");
        text.Append("BASH_ARGV0=").Append(Quote(loaded.Path)).Append('\n');
        text.Append("cd ").Append(Quote(loaded.Root)).Append(" || exit\n");
        foreach (var (name, value) in loaded.Environment)
        {
            Export(text, name, value);
        }

        Export(text, "TOOL_ARGUMENTS", Encoding.UTF8.GetString(arguments));
        if (head.TryGetProperty("checkpoint", out var checkpoint) && JsonMarshal.GetRawUtf8Value(checkpoint).Length <= LongestVariable)
        {
            Export(text, "TOOL_CHECKPOINT", checkpoint.GetRawText());
        }

        using var parsed = JsonDocument.Parse(arguments.ToArray());
        if (parsed.RootElement.ValueKind == JsonValueKind.Object)
        {
            foreach (var argument in parsed.RootElement.EnumerateObject())
            {
                Export(text, $"ARG_{argument.Name}", Scalar(argument.Value));
            }
        }

        return text.Append(Step).Append('\n').Append(Context).Append("\n. ").Append(Quote(loaded.Path)).Append('\n').ToString();
    }

    internal static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static void Export(StringBuilder text, string name, string? value)
    {
        var isName = name.Length > 0 && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_') && !char.IsAsciiDigit(name[0]);
        if (isName && value is { Length: <= LongestVariable } && !value.Contains('\0', StringComparison.Ordinal))
        {
            text.Append("export ").Append(name).Append('=').Append(Quote(value)).Append('\n');
        }
    }

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
