using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>One kernel: a thread reads frames, cells run one after the other on this one.</summary>
internal sealed class Kernel(FrameChannel channel) : IDisposable
{
    private readonly CellOutput _output = new(channel);
    private readonly BlockingCollection<(uint Call, ExecuteRequest Request)> _waiting = new(boundedCapacity: 64);
    private readonly Lock _gate = new();
    private CellRun? _running;
    private int _count;

    /// <summary>Serves until SHUTDOWN or the end of the pipe.</summary>
    public void Run()
    {
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            Interrupt();
        });
        // What a thread of a cell's throws is that cell's matter; the state of all cells must outlive it.
        ExceptionHandling.SetUnhandledExceptionHandler(error =>
        {
            if (Interrupts.IsOfCell && error is not OperationCanceledException)
            {
                Console.Error.WriteLine($"Unhandled exception. {CellErrors.Text(error)}");
            }

            return Interrupts.IsOfCell;
        });
        var session = new Session(_output);
        session.WarmUp();

        // Not before: READY is the first frame, and what goes wrong until here is the worker's own output.
        _output.Install();
        channel.Send(KernelFrame.Ready, 0, json =>
        {
            json.WriteString("language"u8, "csharp");
            json.WriteString("version"u8, Environment.Version.ToString());
            json.WriteNumber("pid"u8, Environment.ProcessId);
        });
        new Thread(Read) { IsBackground = true, Name = "frames" }.Start();
        foreach (var (call, request) in _waiting.GetConsumingEnumerable())
        {
            Execute(session, call, request);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _waiting.Dispose();

    private void Read()
    {
        while (channel.Read() is { } frame && (KernelFrame)frame.Header.Type != KernelFrame.Shutdown)
        {
            if ((KernelFrame)frame.Header.Type == KernelFrame.Execute)
            {
                _waiting.Add((frame.Header.Call, ExecuteRequest.Parse(frame.Payload)));
            }
        }

        Environment.Exit(0);
    }

    private void Execute(Session session, uint call, ExecuteRequest request)
    {
        var count = ++_count;
        _output.Begin(call);
        _output.Event("number_of_executions", json => json.WriteNumber("execution_count"u8, count));
        var before = request.Environment.Keys.ToDictionary(name => name, Environment.GetEnvironmentVariable, StringComparer.Ordinal);
        using var run = new CellRun(token => session.Execute(request.Code, count, token));
        Use(run);
        try
        {
            Apply(request.Environment);
            if (request.Folder is { } folder)
            {
                Environment.CurrentDirectory = folder;
            }

            run.RunToEnd();
        }
        catch (Exception error)
        {
            // The rim of a cell: whatever the user's code throws is the cell's error.
            _output.Event("error", json => CellErrors.Write(json, error, run.IsInterrupted));
        }
        finally
        {
            Use(null);
            Apply(before);
        }

        _output.End();
        channel.Send(KernelFrame.Done, call, json => json.WriteNumber("execution_count"u8, count));
    }

    private void Interrupt()
    {
        lock (_gate)
        {
            _running?.Interrupt();
        }
    }

    private void Use(CellRun? running)
    {
        lock (_gate)
        {
            _running = running;
        }
    }

    private static void Apply<T>(IReadOnlyDictionary<string, T> variables)
        where T : class?
    {
        foreach (var (name, value) in variables)
        {
            Environment.SetEnvironmentVariable(name, value as string);
        }
    }
}
