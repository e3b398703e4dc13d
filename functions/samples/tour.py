import os

from toolruntime import Context

TEXT = {"type": "string"}
PLACE = {"message": "Where?", "requestedSchema": {"type": "object", "properties": {"place": TEXT}}}


def tour_python(ctx: Context) -> dict:
    """Shows what a function can do beside returning."""
    ctx.progress(1, 2, "begun")
    ctx.log("a line for the log")
    ctx.emit("a piece")
    ctx.checkpoint({"at": 1})
    who = ctx.elicit("Who is there?", {"type": "object", "properties": {"name": TEXT}})
    answers = ctx.ask({"where": {"method": "elicitation/create", "params": PLACE}})
    return {
        "name": who.content["name"],
        "place": answers["where"]["content"]["place"],
        "sum": ctx.tools.call("add", a=1, b=2),
        "secret": len(os.environ["TOUR_TOKEN"]),
    }
