"""The tools that the tasks scenarios of the conformance suite ask for."""

import os
import time

from toolruntime import Content, Context, tool

OPTIONAL = {"toolruntime/task": "optional"}
REQUIRED = {"toolruntime/task": "required"}
AFTER_INPUT = {"toolruntime/task": "after-input"}


def form(message: str, property: str, type: str) -> dict:
    schema = {"type": "object", "properties": {property: {"type": type}}, "required": [property]}
    return {"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}}


@tool
def greet(name: str) -> Content:
    return Content.text(f"Hello, {name}!")


@tool(meta=OPTIONAL)
def slow_compute(seconds: float, label: str = "") -> Content:
    time.sleep(seconds)
    return Content.text(f"{label}: computed for {seconds} s")


@tool(meta=REQUIRED)
def failing_job() -> Content:
    time.sleep(1)
    raise ValueError("this job fails")


@tool(meta=REQUIRED)
def protocol_error_job() -> Content:
    os._exit(3)


@tool(meta=OPTIONAL)
def confirm_delete(filename: str, ctx: Context) -> Content:
    answers = ctx.ask({"confirm": form(f"Delete {filename}?", "confirm", "boolean")})
    return Content.text(f"{filename}: {answers['confirm']['action']}")


@tool(meta=OPTIONAL)
def multi_input(ctx: Context) -> Content:
    answers = ctx.ask({"first": form("Your name?", "name", "string"), "second": form("Sure?", "confirm", "boolean")})
    return Content.text(str(sorted(answers)))


@tool(meta=AFTER_INPUT)
def test_tool_with_task(ctx: Context) -> Content:
    answers = ctx.ask({"user_name": form("What is your name?", "name", "string")})
    time.sleep(0.5)
    return Content.text(f"Hello, {answers['user_name']['content']['name']}!")
