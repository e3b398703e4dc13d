using System.Buffers;
using System.Text;
using System.Text.Json;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>One call on one bash, on a thread of its own: what it prints, what it asks by <c>ctx</c>, how it ends.</summary>
internal sealed unsafe class ShellCall(uint number, LoadedScript loaded, ShellProcess shell, WorkerOutput output, bool streams)
{
    private const int Terminate = 15;
    private const int Kill = 9;
    private const int LongestDetail = 4096;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private readonly ArrayBufferWriter<byte> _printed = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly ContextRequests _context = new(number, output, shell);
    private readonly LogLines _errors = new(number, output);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private volatile string? _cancelled;
    private bool _tooLarge;

    internal ContextRequests Context => _context;

    /// <summary>Asks the script to end; what does not within a second is killed.</summary>
    internal void Cancel(string reason)
    {
        _cancelled = reason;
        shell.Signal(Terminate);
        AgentThread.Start("grace", () =>
        {
            shell.WaitForExit(s_grace);
            shell.Signal(Kill);
        });
    }

    /// <summary>Runs to the end and answers.</summary>
    internal void Run()
    {
        var exitEvent = shell.BorrowExitEvent();
        Relay(exitEvent);
        shell.ReturnExitEvent();
        var exit = shell.WaitForExit();
        _errors.Flush();
        Answer(exit);
    }

    /// <summary>Ends with the script: what its own children still hold open is ended with it.</summary>
    private void Relay(int exitEvent)
    {
        var sources = stackalloc PollDescriptor[4];
        int[] descriptors = [shell.Output, shell.Error, shell.Context, exitEvent];
        var ended = false;
        while (true)
        {
            for (var index = 0; index < 4; index++)
            {
                sources[index] = new PollDescriptor { Descriptor = descriptors[index], Events = PollDescriptor.In };
            }

            // The last look comes after the end: in the look that saw the end, the script may have printed just behind it.
            if (Libc.Poll(sources, 4, ended ? 0 : -1) < 0)
            {
                continue;
            }

            var read = false;
            for (var index = 0; index < 3; index++)
            {
                if (sources[index].Returned != 0)
                {
                    read |= Take(index, ref descriptors[index]);
                }
            }

            if (!read && ended)
            {
                return;
            }

            ended = sources[3].Returned != 0;
        }
    }

    private bool Take(int source, ref int descriptor)
    {
        int read;
        fixed (byte* start = _buffer)
        {
            read = Descriptors.Read(descriptor, start, _buffer.Length);
        }

        var data = _buffer.AsSpan(0, read);
        if (read == 0)
        {
            descriptor = -1;
        }
        else if (source == 0)
        {
            Print(data);
        }
        else if (source == 1)
        {
            _errors.Append(data);
        }
        else
        {
            _context.Append(data);
        }

        return read > 0;
    }

    private void Print(ReadOnlySpan<byte> data)
    {
        if (_printed.WrittenCount + data.Length > loaded.OutputBytes)
        {
            _tooLarge = true;
            shell.Signal(Kill);
            return;
        }

        _printed.Write(data);
        if (streams && loaded.Header.Returns is null)
        {
            var characters = new char[data.Length + 1];
            var text = new string(characters, 0, _decoder.GetChars(data, characters, flush: false));
            output.Send(WorkerFrameType.Output, number, json => json.WriteString("text"u8, text));
        }
    }

    private void Answer(ChildExit exit)
    {
        var failure = exit switch
        {
            _ when _tooLarge => ("OutputTooLarge", $"The script printed more than {loaded.OutputBytes} bytes."),
            _ when _cancelled is { } reason => (reason == "deadline" ? "DeadlineExceeded" : "Cancelled", $"The script was ended: {reason}."),
            { Signal: not 0 } => ("FunctionThrew", $"The script was ended by signal {exit.Signal}. {_errors.Last}".Trim()),
            { Code: not 0 } => ("FunctionThrew", _errors.Last is { Length: > 0 } last ? last : $"The script ended with exit code {exit.Code}."),
            _ => default,
        };
        var text = Encoding.UTF8.GetString(_printed.WrittenSpan).TrimEnd('\n');
        if (failure == default && loaded.Header.Returns is not null && !IsJson(text))
        {
            failure = ("FunctionThrew", "The script's header says @returns, but what it printed is no JSON.");
        }

        if (failure != default)
        {
            Fail(failure);
        }
        else
        {
            Succeed(text);
        }
    }

    private void Fail((string Code, string Message) failure) => output.Send(WorkerFrameType.Error, number, json =>
    {
        json.WriteString("code"u8, failure.Code);
        json.WriteString("message"u8, failure.Message.Length > LongestDetail ? failure.Message[..LongestDetail] : failure.Message);
        json.WriteString("detail"u8, _errors.Tail);
    });

    private void Succeed(string text) => output.Send(WorkerFrameType.Result, number, json =>
    {
        json.WritePropertyName("value"u8);
        if (loaded.Header.Returns is null)
        {
            json.WriteStringValue(text);
        }
        else
        {
            json.WriteRawValue(text);
        }
    });

    private static bool IsJson(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
