"""Runs an agent's script against a typed client of an API. Every method of the client calls a tool, as the caller of this call."""

import ast
import asyncio
import contextlib
import io
import json
import os
import sys

_KEPT = 64 * 1024
_LINE = 32 * 1024 * 1024
_NAME = "script"


class ScriptError(Exception):
    """The script failed: where, why, and what it had printed."""


def run_script(language: str, code: str, client: str, ctx):
    """Gives {"result", "output"}."""
    if language == "javascript":
        return _javascript(code, client, ctx)
    function, is_async = _compile(code)
    names = {"__name__": "client"}
    exec(compile(client, "client", "exec"), names)
    api = names["Client"](ctx.tools.call)
    return _run_async(function, api, ctx) if is_async else _run(function, api, ctx)


def _compile(code: str):
    """The script as the body of a function, whose last expression is its result."""
    try:
        tree = ast.parse(code, _NAME)
    except SyntaxError as error:
        raise ScriptError(f"line {error.lineno}: {error.msg}") from None
    body = tree.body or [ast.Pass()]
    if isinstance(body[-1], ast.Expr):
        body[-1] = ast.copy_location(ast.Return(body[-1].value), body[-1])
    is_async = any(isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)) for node in _own(body))
    make = ast.AsyncFunctionDef if is_async else ast.FunctionDef
    parameters = [ast.arg(name) for name in ("api", "tools", "ctx")]
    main = make("main", ast.arguments([], parameters, None, [], [], None, []), body, [], None, lineno=1, col_offset=0)
    names = {"__name__": _NAME}
    try:
        exec(compile(ast.fix_missing_locations(ast.Module([main], [])), _NAME, "exec"), names)
    except SyntaxError as error:
        raise ScriptError(f"line {error.lineno}: {error.msg}") from None
    return names["main"], is_async


def _own(nodes):
    """The nodes that run as the script itself, not inside a function that it defines."""
    for node in nodes:
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            yield from _own(ast.iter_child_nodes(node))


def _run(function, api, ctx):
    printed = _Printed()
    with contextlib.redirect_stdout(printed):
        try:
            return {"result": function(api, ctx.tools, ctx), "output": printed.text}
        except Exception as error:
            raise _failure(error, printed.text) from None


async def _run_async(function, api, ctx):
    printed = _Printed()
    with contextlib.redirect_stdout(printed):
        try:
            return {"result": await function(api, ctx.tools, ctx), "output": printed.text}
        except Exception as error:
            raise _failure(error, printed.text) from None


def _failure(error: Exception, printed: str) -> ScriptError:
    line, at = None, error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename == _NAME:
            line = at.tb_lineno
        at = at.tb_next
    return _described(line, f"{type(error).__name__}: {error}", printed)


def _described(line, what: str, printed: str) -> ScriptError:
    where = f"line {line}: " if line else ""
    before = f"\nprinted before:\n{printed[-2000:]}" if printed else ""
    return ScriptError(f"{where}{what}{before}")


class _Printed(io.TextIOBase):
    """What the script prints: passed on as any function's output, and its end kept for the result."""

    def __init__(self):
        self._on = sys.stdout
        self.text = ""

    def write(self, text: str) -> int:
        self.text = (self.text + text)[-_KEPT:]
        return self._on.write(text)

    def flush(self) -> None:
        self._on.flush()


async def _javascript(code: str, client: str, ctx):
    """The same in Node: it writes the calls it wants, one a line, to a pipe, and reads the answers from its standard input."""
    printed = _Printed()
    read, write = os.pipe()
    node = await asyncio.create_subprocess_exec(
        "bash", "-c", 'ulimit -Sv unlimited; exec node "$@"', "node", os.path.join(os.path.dirname(__file__), "run_script.mjs"), str(write),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, pass_fds=(write,), limit=_LINE)
    os.close(write)
    try:
        _say(node, {"code": code, "client": client})
        asks = asyncio.StreamReader(limit=_LINE)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asks), os.fdopen(read, "rb"))
        printing = asyncio.create_task(_print(node.stdout, printed))
        end = await _serve(node, asks, ctx)
        await node.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            node.kill()
        raise
    # What the script started may hold its output open.
    await asyncio.wait({printing}, timeout=1)
    printing.cancel()
    if end is None:
        raise _described(None, f"node ended with {node.returncode} before the script did", printed.text)
    if "failed" in end:
        raise _described(end.get("line"), end["failed"], printed.text)
    return {"result": end["result"], "output": printed.text}


async def _serve(node, asks, ctx):
    """Runs the calls that come until the last line, which says how the script ended; None where there is none."""
    running = set()
    async for line in asks:
        ask = json.loads(line)
        if "id" not in ask:
            return ask
        task = asyncio.create_task(_answer(node, ask, ctx))
        running.add(task)
        task.add_done_callback(running.discard)
    return None


async def _answer(node, ask, ctx):
    try:
        answer = {"value": await ctx.tools.call(ask["name"], ask["arguments"])}
    except Exception as error:
        answer = {"error": {"message": str(error), "code": getattr(error, "code", None)}}
    _say(node, {"id": ask["id"], **answer})


def _say(node, message) -> None:
    node.stdin.write(json.dumps(message).encode() + b"\n")


async def _print(stream, printed) -> None:
    while piece := await stream.read(8192):
        printed.write(piece.decode("utf-8", "replace"))
