using System.Globalization;
using System.Text;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>The state of one validation: where it stands, what was found, how much work is left.</summary>
internal sealed class SchemaRun
{
    /// <summary>Most errors that are told.</summary>
    public const int MaximumErrors = 16;

    private const int MaximumDepth = 256;
    private const int MaximumSteps = 2_000_000;

    private readonly List<PathSegment> _path = [];
    private readonly List<SchemaError> _errors = [];
    private int _depth;
    private int _steps;
    private int _trials;

    public IReadOnlyList<SchemaError> Errors => _errors;

    /// <summary>Whether the first failure ends the matter: in trials only the answer counts, and enough errors are enough.</summary>
    public bool StopsAtFirst => _trials > 0 || _errors.Count >= MaximumErrors;

    /// <summary>How deep in the value the run stands.</summary>
    public int PathLength => _path.Count;

    public void Push(PathSegment segment) => _path.Add(segment);

    public void Pop() => _path.RemoveAt(_path.Count - 1);

    public void Enter()
    {
        Spend(1);
        if (++_depth > MaximumDepth)
        {
            throw new SchemaLimitException(Pointer(), $"the schema nests deeper than {MaximumDepth} here");
        }
    }

    public void Leave() => _depth--;

    /// <summary>Counts work; too much of it ends the run.</summary>
    public void Spend(int steps)
    {
        _steps += steps;
        if (_steps > MaximumSteps)
        {
            throw new SchemaLimitException(Pointer(), $"checking the value takes more than {MaximumSteps} steps");
        }
    }

    /// <summary>Records an error at the present place; always false.</summary>
    public bool Fail(string message)
    {
        if (_errors.Count < MaximumErrors)
        {
            _errors.Add(new SchemaError(Pointer(), message));
        }

        return false;
    }

    /// <summary>Begins a trial, whose errors are taken back by <see cref="EndTrial"/>.</summary>
    public int BeginTrial()
    {
        _trials++;
        return _errors.Count;
    }

    /// <summary>Ends a trial and returns its first error, or null.</summary>
    public SchemaError? EndTrial(int mark)
    {
        _trials--;
        var first = _errors.Count > mark ? _errors[mark] : null;
        _errors.RemoveRange(mark, _errors.Count - mark);
        return first;
    }

    private string Pointer()
    {
        if (_path.Count == 0)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var segment in _path)
        {
            text.Append('/').Append(segment.Name is { } name
                ? name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)
                : segment.Index.ToString(CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
