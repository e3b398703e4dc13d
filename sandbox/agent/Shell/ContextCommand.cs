using System.Runtime.InteropServices;
using System.Text;

using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>
/// The program <c>ctx</c>, for what a shell tool starts in other languages: the same words as the bash function, on the same pipes, which
/// it opens again through the shell's descriptors, for few programs pass theirs on. Several at once take turns.
/// </summary>
internal static unsafe class ContextCommand
{
    private const string Program = """ctx() { case $1 in step.finish) printf %s "$3" | command ctx "$1" "$2" - ;; *) command ctx "$@" ;; esac; }""";
    private const int BrokenPipe = 13;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int Exclusive = 2;
    private const int Requests = 5;
    private const int Replies = 6;

    /// <summary>Whether the host answers <paramref name="word"/>.</summary>
    internal static bool IsQuestion(string word) => word is "call" or "tools" or "elicit" or "ask" or "checkpoint.get" or "step.begin" or "step.finish" or "step.leave" or "state" or "mailbox";

    /// <summary>Asks what <paramref name="words"/> say; the exit code is 1 where the host refuses, 2 outside of a call.</summary>
    internal static int Run(string[] words)
    {
        if (Environment.GetEnvironmentVariable("TOOL_CONTEXT") is not { Length: > 0 } folder || words.Length == 0)
        {
            Console.Error.WriteLine("usage: ctx progress|log|emit|checkpoint|step|state|mailbox|call|tools|elicit|ask ...   within a call of a shell tool");
            return 2;
        }

        try
        {
            return words[0] == "step" ? Step(words) : Ask(folder, Completed(words));
        }
        catch (NativeException error)
        {
            Console.Error.WriteLine($"ctx: the call that it belongs to cannot be reached: {error.Message}");
            return 2;
        }
    }

    /// <summary>Becomes a bash that does the step, and asks by this program.</summary>
    private static int Step(string[] words)
    {
        string[] command = ["bash", "-c", $"{Program}\n{ShellScript.Step}\n__ctx_step \"$@\"", "ctx", .. words[1..]];
        var arguments = stackalloc byte*[command.Length + 1];
        for (var at = 0; at < command.Length; at++)
        {
            arguments[at] = (byte*)Marshal.StringToCoTaskMemUTF8(command[at]);
        }

        arguments[command.Length] = null;
        Libc.SetSignal(BrokenPipe, 0);
        _ = Libc.Execute(arguments[0], arguments);
        throw new NativeException("exec bash", NativeError.Last);
    }

    /// <summary>A state or result that stands for <c>-</c> is read from standard input, since the words of a program are short; <c>checkpoint</c> alone asks for the last one.</summary>
    private static string[] Completed(string[] words) => words switch
    {
        ["checkpoint"] => ["checkpoint.get"],
        ["checkpoint", "-"] or ["step.finish", _, "-"] => [.. words[..^1], Console.In.ReadToEnd()],
        _ => words,
    };

    private static int Ask(string folder, string[] words)
    {
        var requests = Open($"{folder}/{Requests}", WriteOnly);

        // Ends with the process. Without it two questions could take each other's answers.
        while (Libc.Lock(requests, Exclusive) < 0)
        {
            if (NativeError.Last != NativeError.Interrupted)
            {
                throw new NativeException("flock", NativeError.Last);
            }
        }

        var request = Encoding.UTF8.GetBytes(string.Join('\u001f', words) + '\0');
        fixed (byte* start = request)
        {
            _ = Descriptors.Write(requests, start, request.Length);
        }

        return IsQuestion(words[0]) ? Answer(Open($"{folder}/{Replies}", ReadOnly)) : 0;
    }

    private static int Answer(int replies)
    {
        var head = new StringBuilder();
        for (var one = Next(replies); one > 0; one = Next(replies))
        {
            head.Append((char)one);
        }

        if (head.Length < 2)
        {
            return 1;
        }

        var body = new byte[int.Parse(head.ToString(1, head.Length - 1), System.Globalization.CultureInfo.InvariantCulture)];
        fixed (byte* start = body)
        {
            for (var filled = 0; filled < body.Length;)
            {
                var read = Descriptors.Read(replies, start + filled, body.Length - filled);
                if (read == 0)
                {
                    return 1;
                }

                filled += read;
            }
        }

        var succeeded = head[0] == '+';
        using var output = succeeded ? Console.OpenStandardOutput() : Console.OpenStandardError();
        output.Write(body);
        output.WriteByte((byte)'\n');
        return succeeded ? 0 : 1;
    }

    /// <summary>The next byte, 0 for the head's end, -1 when the pipe has ended.</summary>
    private static int Next(int replies)
    {
        byte one;
        return Descriptors.Read(replies, &one, 1) == 1 ? one : -1;
    }

    private static int Open(string path, int flags) => NativeError.Check(Libc.Open(path, flags | Descriptors.CloseOnExec, 0), $"open {path}");
}
