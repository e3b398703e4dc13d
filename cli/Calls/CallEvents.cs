using System.Text;
using System.Text.Json;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Calls;

/// <summary>Prints the events of one call. A result that only repeats the pieces that were printed is not printed again.</summary>
internal sealed class CallEvents(bool json)
{
    private const int MostKept = 1 << 20;
    private readonly StringBuilder _text = new();
    private int _values;

    /// <summary>Prints one event; the exit code once the call has ended, else null.</summary>
    public int? Show(ServerSentEvent item)
    {
        using var document = JsonDocument.Parse(item.Data);
        var data = document.RootElement;
        switch (item.Name)
        {
            case "completed" or "result":
                ShowResult(data);
                return ExitCodes.Done;
            case "failed":
                ShowFault(data);
                return ExitCodes.ToolError;
            case "output":
                ShowPiece(data);
                return null;
            case "progress":
                Console.Error.WriteLine($"progress {data.Text("progress")}{(data.Text("total") is { Length: > 0 } total ? "/" + total : "")} {data.Text("message")}".TrimEnd());
                return null;
            case "log":
                Console.Error.WriteLine(data.Text("text"));
                return null;
            default:
                return null;
        }
    }

    private static void ShowValue(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            Console.Out.WriteLine(value.GetString());
        }
        else
        {
            Printer.Json(value);
        }
    }

    private void ShowResult(JsonElement data)
    {
        if (json)
        {
            Printer.Json(data);
            return;
        }

        if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("mcp", out var raw))
        {
            data = raw;
        }

        if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("value", out var value))
        {
            if (!Repeats(value))
            {
                ShowValue(value);
            }

            return;
        }

        foreach (var block in data.Items("content"))
        {
            Console.Out.WriteLine(block.Text("type") == "text" ? block.Text("text") : block.GetRawText());
        }
    }

    private bool Repeats(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => _text.Length > 0 && (_text.Length >= MostKept || _text.ToString().TrimEnd() == value.GetString()!.TrimEnd()),
        JsonValueKind.Array => _values > 0 && value.GetArrayLength() == _values,
        _ => false,
    };

    private void ShowPiece(JsonElement data)
    {
        if (json)
        {
            Printer.Json(data);
        }
        else if (data.TryGetProperty("value", out var value))
        {
            ShowValue(value);
            _values++;
        }
        else
        {
            var text = data.Text("text");
            Console.Out.Write(text);
            if (_text.Length < MostKept)
            {
                _text.Append(text);
            }
        }
    }

    private void ShowFault(JsonElement data)
    {
        if (json)
        {
            Printer.Json(data);
            return;
        }

        var message = data.Text("message") is { Length: > 0 } m ? m : data.Text("detail");
        Console.Error.WriteLine($"toolrt: {data.Text("code")} {message}".TrimEnd());
        foreach (var name in (string[])["hint", "output"])
        {
            if (data.Text(name) is { Length: > 0 } more)
            {
                Console.Error.WriteLine(more);
            }
        }
    }
}
