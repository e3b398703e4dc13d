using System.Threading.Channels;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Templates;

/// <summary>
/// Writes what a build says to its topic, in order, lines of <see cref="s_together"/> in one event: whoever asks reads all events. A build that says
/// nothing gives a sign of life each <see cref="s_alive"/>. At most <see cref="MostLines"/> are kept, and what is beyond is dropped.
/// </summary>
internal sealed class BuildLog
{
    /// <summary>After so long without an event, whoever built is gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private const int MostLines = 10_000;
    private const int MostTogether = 100;
    private static readonly TimeSpan s_alive = Silence / 5;
    private static readonly TimeSpan s_together = TimeSpan.FromMilliseconds(250);
    private readonly Channel<TemplateLogEntry> _lines = Channel.CreateBounded<TemplateLogEntry>(new BoundedChannelOptions(MostLines) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TopicWriter _topic;
    private readonly TimeProvider _time;
    private readonly CancellationToken _within;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _writing;
    private volatile string _step = "base";
    private int _told;

    /// <param name="topic">Has written that the build has begun.</param>
    /// <param name="time">The clock.</param>
    /// <param name="within">Ends when the process ends.</param>
    public BuildLog(TopicWriter topic, TimeProvider time, CancellationToken within)
    {
        (_topic, _time, _within) = (topic, time, within);
        _writing = Task.Run(WriteAsync, CancellationToken.None);
    }

    /// <summary>The step that the build is at.</summary>
    public string Step
    {
        get => _step;
        set => _step = value;
    }

    /// <summary>Adds a line.</summary>
    public void Add(string level, string text)
    {
        if (Interlocked.Increment(ref _told) <= MostLines)
        {
            _lines.Writer.TryWrite(new TemplateLogEntry(_time.GetUtcNow(), level, text));
        }
    }

    /// <summary>Stores what is left, and how the build ended.</summary>
    public async Task EndAsync(string? reason, CancellationToken cancellationToken)
    {
        _lines.Writer.TryComplete();
        _ended.TrySetResult();
        await _writing.WaitAsync(cancellationToken);
        await EmitAsync(reason is null ? EventKind.Completed : EventKind.Failed, Taken() with { Reason = reason }, cancellationToken);
    }

    private async Task WriteAsync()
    {
        var waiting = _lines.Reader.WaitToReadAsync(_within).AsTask();
        while (true)
        {
            try
            {
                if (!await waiting.WaitAsync(s_alive, _time, CancellationToken.None))
                {
                    return;
                }

                await EmitAsync(EventKind.Log, Taken(), _within);
                await _ended.Task.WaitAsync(s_together, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                waiting = _lines.Reader.WaitToReadAsync(_within).AsTask();
            }
            catch (TimeoutException)
            {
                await EmitAsync(EventKind.Log, Taken(), _within);
            }
            catch (OperationCanceledException)
            {
                // The process ends; what is left goes with the end.
                return;
            }
        }
    }

    private BuildNote Taken()
    {
        var lines = new List<TemplateLogEntry>();
        while (lines.Count < MostTogether && _lines.Reader.TryRead(out var line))
        {
            lines.Add(line);
        }

        return new BuildNote { Step = Step, Lines = lines };
    }

    private async Task EmitAsync(EventKind kind, BuildNote note, CancellationToken cancellationToken) =>
        await _topic.EmitAsync(TemplateBuild.Event(kind, note), cancellationToken);
}
