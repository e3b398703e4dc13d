"""The tools that the conformance suite asks for."""

import base64

from toolruntime import Content, Context, Image, tool

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
WAV = base64.b64decode("UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=")
SAMPLE = {"method": "sampling/createMessage", "params": {
    "messages": [{"role": "user", "content": {"type": "text", "text": "Generate a greeting"}}], "maxTokens": 50}}
ROOTS = {"method": "roots/list"}


def form(message: str, properties: dict, required=()) -> dict:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}}


NAME = form("What is your name?", {"name": {"type": "string"}}, ["name"])
CONFIRM = form("Please confirm", {"ok": {"type": "boolean"}}, ["ok"])
COLOR = form("What is your favorite color?", {"color": {"type": "string"}}, ["color"])


@tool
def test_simple_text() -> Content:
    return Content.text("This is a simple text response for testing.")


@tool
def test_image_content() -> Image:
    return Image(PNG)


@tool
def test_audio_content() -> Content:
    return Content.audio(WAV)


@tool
def test_embedded_resource() -> Content:
    return Content.resource("test://embedded-resource", "This is an embedded resource content.")


@tool
def test_multiple_content_types() -> list[Content]:
    resource = Content.resource("test://mixed-content-resource", '{"test":"data","value":123}', "application/json")
    return [Content.text("Multiple content types test:"), Image(PNG), resource]


@tool
def test_error_handling():
    raise ValueError("This tool intentionally returns an error for testing")


@tool
def test_tool_with_logging(ctx: Context) -> Content:
    for text in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        ctx.log(text)
    return Content.text("done")


@tool
def test_logging_tool(ctx: Context) -> Content:
    return test_tool_with_logging(ctx)


@tool
def test_tool_with_progress(ctx: Context) -> Content:
    for done in (0, 50, 100):
        ctx.progress(done, 100)
    return Content.text("done")


@tool
def test_sampling(prompt: str, ctx: Context) -> Content:
    asked = {**SAMPLE, "params": {**SAMPLE["params"], "messages": [{"role": "user", "content": {"type": "text", "text": prompt}}]}}
    return told(ctx, {"answer": asked})


@tool
def test_elicitation(message: str, ctx: Context) -> Content:
    text = {"type": "string"}
    return elicited(ctx, message, {"username": text, "email": text}, ["username", "email"])


@tool
def test_elicitation_sep1034_defaults(ctx: Context) -> Content:
    return elicited(ctx, "Please answer", {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True}})


@tool
def test_elicitation_sep1330_enums(ctx: Context) -> Content:
    options = ["option1", "option2", "option3"]
    titled = [{"const": f"value{n}", "title": f"{title} Option"} for n, title in enumerate(("First", "Second", "Third"), 1)]
    return elicited(ctx, "Please answer", {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["Option One", "Option Two", "Option Three"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}}})


@tool
def test_missing_capability(ctx: Context) -> Content:
    return told(ctx, {"answer": SAMPLE})


@tool
def test_streaming_elicitation(ctx: Context) -> Content:
    return told(ctx, {"answer": NAME})


@tool
def test_input_required_result_elicitation(ctx: Context) -> Content:
    answers = ctx.ask({"user_name": NAME})
    return Content.text(f"Hello, {answers['user_name']['content']['name']}!")


@tool
def test_input_required_result_sampling(ctx: Context) -> Content:
    return told(ctx, {"capital_question": SAMPLE})


@tool
def test_input_required_result_list_roots(ctx: Context) -> Content:
    return told(ctx, {"client_roots": ROOTS})


@tool
def test_input_required_result_request_state(ctx: Context) -> Content:
    ctx.ask({"confirm": CONFIRM})
    return Content.text("state-ok")


@tool
def test_input_required_result_tampered_state(ctx: Context) -> Content:
    return test_input_required_result_request_state(ctx)


@tool
def test_input_required_result_multiple_inputs(ctx: Context) -> Content:
    return told(ctx, {"user_name": NAME, "greeting": SAMPLE, "client_roots": ROOTS})


@tool
def test_input_required_result_capabilities(ctx: Context) -> Content:
    return test_input_required_result_multiple_inputs(ctx)


@tool
def test_input_required_result_multi_round(ctx: Context) -> Content:
    ctx.ask({"step1": NAME})
    ctx.ask({"step2": COLOR})
    return Content.text("done")


@tool(description="Tool with JSON Schema 2020-12 features", input_schema={
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": {"$anchor": "addressDef", "type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
    "properties": {
        "name": {"type": "string"}, "address": {"$ref": "#/$defs/address"}, "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"}, "email": {"type": "string"}},
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False})
def json_schema_2020_12_tool(name: str = "", address: dict | None = None, contactMethod: str = "", phone: str = "", email: str = "") -> Content:
    return Content.text(name)


@tool(input_schema={"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}, "required": ["region"]})
def test_x_mcp_header(region: str) -> Content:
    return Content.text(region)


def told(ctx: Context, questions: dict) -> Content:
    return Content.text(str(ctx.ask(questions)))


def elicited(ctx: Context, message: str, properties: dict, required=()) -> Content:
    answer = ctx.elicit(message, form(message, properties, required)["params"]["requestedSchema"])
    return Content.text(f"Elicitation completed: action={answer.action}, content={answer.content}")
