using System.Globalization;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Queries;

/// <summary>Reads a query by the precedence of its operators; the names are those of JMESPath's grammar.</summary>
internal sealed class QueryParser(IReadOnlyList<QueryToken> tokens)
{
    private const int Lowest = 0;
    private const int Projection = 10;
    private const int Dot = 40;
    private const int Not = 45;
    private const int MostDepth = 64;

    private static readonly CurrentNode s_current = new();

    private int _at;
    private int _depth;

    /// <summary>The whole query.</summary>
    public QueryNode ReadAll()
    {
        var node = Expression(Lowest);
        Take("end");
        return node;
    }

    private static int Power(string kind) => kind switch
    {
        "|" => 1,
        "||" => 2,
        "&&" => 3,
        "==" or "!=" or "<" or "<=" or ">" or ">=" => 5,
        "[]" => 9,
        "[?" => 21,
        "." => Dot,
        "[" => 55,
        _ => Lowest,
    };

    private QueryNode Expression(int power)
    {
        if (++_depth > MostDepth)
        {
            throw QueryRun.Fault("is nested too deep");
        }

        var left = Prefix(tokens[_at++]);
        while (power < Power(tokens[_at].Kind))
        {
            left = Infix(left, tokens[_at++]);
        }

        _depth--;
        return left;
    }

    private QueryNode Prefix(QueryToken token)
    {
        switch (token.Kind)
        {
            case "name" when tokens[_at].Kind == "(":
                _at++;
                return Call(token.Text, Items(")"));
            case "name":
                return new FieldNode(token.Text);
            case "raw":
                return new LiteralNode(new ScalarValue(token.Text));
            case "json":
                return new LiteralNode(Literal(token));
            case "@":
                return s_current;
            case "&":
                return new ReferenceNode(Expression(Lowest));
            case "!":
                return new NotNode(Expression(Not));
            case "*":
                return new ProjectionNode(new ValuesNode(s_current), Rest(Projection));
            case "(":
                var inner = Expression(Lowest);
                Take(")");
                return inner;
            case "{":
                return Hash();
            case "[" when tokens[_at].Kind is not ("number" or ":") && !(tokens[_at].Kind == "*" && tokens[_at + 1].Kind == "]"):
                return new ListNode(Items("]"));
            case "[" or "[]" or "[?":
                return Infix(s_current, token);
            default:
                throw Unexpected(token);
        }
    }

    private QueryNode Infix(QueryNode left, QueryToken token)
    {
        switch (token.Kind)
        {
            case ".":
                return AfterDot(left);
            case "|":
                return new ThenNode(left, Expression(Power("|")));
            case "||" or "&&":
                return new EitherNode(left, Expression(Power(token.Kind)), token.Kind == "&&");
            case "[]":
                return new ProjectionNode(new FlattenNode(left), Rest(Power("[]")));
            case "[?":
                var condition = Expression(Lowest);
                Take("]");
                return new ProjectionNode(new FilterNode(left, condition), Rest(Projection));
            case "[":
                return Bracket(left);
            default:
                return new CompareNode(left, token.Kind, Expression(Power(token.Kind)));
        }
    }

    private QueryNode AfterDot(QueryNode left)
    {
        var token = tokens[_at++];
        return token.Kind switch
        {
            "*" => new ProjectionNode(new ValuesNode(left), Rest(Projection)),
            "name" when tokens[_at].Kind == "(" => new ThenNode(left, Prefix(token)),
            "name" => new ThenNode(left, new FieldNode(token.Text)),
            "[" => new ThenNode(left, new ListNode(Items("]"))),
            "{" => new ThenNode(left, Hash()),
            _ => throw Unexpected(token),
        };
    }

    /// <summary>What follows a projection, up to what ends it.</summary>
    private QueryNode Rest(int power)
    {
        QueryNode each = s_current;
        while (tokens[_at].Kind is "." or "[" or "[?" && Power(tokens[_at].Kind) > power)
        {
            each = Infix(each, tokens[_at++]);
        }

        return each;
    }

    private QueryNode Bracket(QueryNode left)
    {
        if (tokens[_at].Kind == "*")
        {
            _at++;
            Take("]");
            return new ProjectionNode(left, Rest(Projection));
        }

        Span<int?> parts = [null, null, null];
        var part = 0;
        for (; tokens[_at].Kind != "]"; _at++)
        {
            if (tokens[_at].Kind == ":" && part < 2)
            {
                part++;
            }
            else
            {
                parts[part] = tokens[_at].Kind == "number" && parts[part] is null ? Number(tokens[_at]) : throw Unexpected(tokens[_at]);
            }
        }

        _at++;
        if (part > 0)
        {
            return parts[2] == 0
                ? throw QueryRun.Fault("has a slice with the step 0")
                : new ProjectionNode(new ThenNode(left, new SliceNode(parts[0], parts[1], parts[2] ?? 1)), Rest(Projection));
        }

        return parts[0] is { } index ? new ThenNode(left, new IndexNode(index)) : throw QueryRun.Fault("has empty brackets");
    }

    private List<QueryNode> Items(string end)
    {
        var items = new List<QueryNode>();
        while (tokens[_at].Kind != end)
        {
            if (items.Count > 0)
            {
                Take(",");
            }

            items.Add(Expression(Lowest));
        }

        _at++;
        return items;
    }

    /// <summary>A function that is not there is found out before anything is asked of the API.</summary>
    private static CallNode Call(string name, List<QueryNode> arguments) => QueryFunctions.Takes(name, arguments.Count)
        ? new CallNode(name, arguments)
        : throw QueryRun.Fault(string.Create(CultureInfo.InvariantCulture, $"calls {name} with {arguments.Count} arguments, which it does not take or which there is not"));

    private HashNode Hash()
    {
        var members = new List<KeyValuePair<string, QueryNode>>();
        while (tokens[_at].Kind != "}")
        {
            if (members.Count > 0)
            {
                Take(",");
            }

            var name = Take("name").Text;
            Take(":");
            members.Add(new(name, Expression(Lowest)));
        }

        _at++;
        return new HashNode(members);
    }

    /// <summary>JSON; what is none is a text without its quotation marks, as JMESPath once had it and many still write it (<c>[?name==`a`]</c>).</summary>
    private static QueryValue Literal(QueryToken token)
    {
        try
        {
            return QueryValue.Of(JsonElement.Parse(token.Text));
        }
        catch (JsonException)
        {
            return token.Text.TrimStart() is [not ('{' or '[' or '"'), ..] text ? new ScalarValue(text) : throw QueryRun.Fault($"has a literal at {token.Place} that is no JSON");
        }
    }

    private static int Number(QueryToken token) =>
        int.TryParse(token.Text, CultureInfo.InvariantCulture, out var number) ? number : throw QueryRun.Fault($"has too large a number at {token.Place}");

    private QueryToken Take(string kind) => tokens[_at].Kind == kind ? tokens[_at++] : throw Unexpected(tokens[_at]);

    private static Faults.ApiFaultException Unexpected(QueryToken token) =>
        QueryRun.Fault(token.Kind == "end" ? "ends too early" : $"has {token.Text} at {token.Place} where it does not belong");
}
