"""Gives the functions of an app in the Azure Functions schema to the worker as tools, one ``tool_N`` for each.

They are imported below ``__app__``, where such apps expect to be: ``from ..shared import x`` works, and no folder's
name hides a module of the standard library.
"""

import importlib
import inspect
import json
import os
import sys
import types

from toolruntime import current

_ROOT = os.path.dirname(os.path.abspath(__file__))


def _load(said):
    path = said["script"]
    parts = os.path.splitext(path)[0].split("/")
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    module = importlib.import_module(".".join(["__app__", *parts]))
    name = said["entryPoint"] or "main"
    function = getattr(module, name, None)
    if not callable(function):
        raise ImportError(f"{path} has no function '{name}'; {said['name']}/function.json names it by entryPoint")
    if said["binding"] not in inspect.signature(function).parameters:
        raise ImportError(f"{path}: '{name}' has no parameter '{said['binding']}', which {said['name']}/function.json "
                          "names as the trigger's binding")
    return function


def _payload(said, arguments, context):
    session = context.session
    return json.dumps({"name": said["tool"], "arguments": arguments, "sessionid": session,
                       "transport": {"name": "unknown", "sessionId": session, "properties": {"headers": {}}}},
                      ensure_ascii=False)


def _tool(said):
    function = _load(said)
    wants_context = said["binding"] != "context" and "context" in inspect.signature(function).parameters

    def parameters(arguments):
        context = current()
        given = {said["binding"]: _payload(said, arguments, context)}
        if wants_context:
            given["context"] = types.SimpleNamespace(
                invocation_id=context.invocation, function_name=said["name"],
                function_directory=os.path.join(_ROOT, said["name"]))
        return given

    async def call_async(**arguments):
        return await function(**parameters(arguments))

    def call(**arguments):
        return function(**parameters(arguments))

    return call_async if inspect.iscoroutinefunction(function) else call


_package = types.ModuleType("__app__")
_package.__path__ = [_ROOT]
sys.modules["__app__"] = _package
with open(os.path.join(_ROOT, "_toolrt_app.json"), encoding="utf-8") as _table:
    for _index, _said in enumerate(json.load(_table)):
        globals()[f"tool_{_index}"] = _tool(_said)
