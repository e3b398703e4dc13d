/// <summary>Shows what a function can do beside returning.</summary>
[Tool("tour_csharp")]
public async Task<Seen> Tour(Context context)
{
    context.Progress(1, 2, "begun");
    context.Log("a line for the log");
    context.Emit("a piece");
    context.Checkpoint(new { at = 1 });
    var who = await context.ElicitAsync<Visitor>("Who is there?");
    var form = new { type = "object", properties = new { place = new { type = "string" } } };
    var answers = await context.AskAsync(new { where = new { method = "elicitation/create", @params = new { message = "Where?", requestedSchema = form } } });
    var place = answers["where"].GetProperty("content").GetProperty("place").GetString();
    var sum = await context.Tools.CallAsync<double>("add", new { a = 1, b = 2 });
    return new Seen(who.Content.Name, place, sum, Environment.GetEnvironmentVariable("TOUR_TOKEN").Length);
}

public record Visitor(string Name);

public record Seen(string Name, string Place, double Sum, int Secret);
