using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Queries;

/// <summary>One evaluation, with the bound on its work.</summary>
internal sealed class QueryRun(int maximumSteps)
{
    private int _steps;

    /// <summary>Counts work that is about to be done.</summary>
    public void Step(int steps = 1)
    {
        _steps += steps;
        if (_steps > maximumSteps || _steps < 0)
        {
            throw Fault("takes more work than is allowed");
        }
    }

    /// <summary>The fault of a query.</summary>
    public static ApiFaultException Fault(string what) => new(ApiFaultCode.InvalidArgument, $"the query {what}", "see JMESPath: fields, [0], [0:5], [*], [?a=='b'], [a,b], {x:a}, |, and the functions length, keys, sort_by, join, contains, starts_with");
}
