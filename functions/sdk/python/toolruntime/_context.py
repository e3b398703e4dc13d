"""What a function can do beside returning: progress, log lines, checkpoints, steps, questions, other tools."""

import itertools
import threading
import time

from toolruntime import _channel, _keeping
from toolruntime._json import encode
from toolruntime._lazy import asyncio
from toolruntime._output import current_call


class Cancelled(BaseException):
    """Raised inside a synchronous function whose call was cancelled or ran out of time; asyncio's own in an async one."""


class ToolError(Exception):
    """The host answered a call of ``ctx.tools``, ``ctx.elicit`` or ``ctx.ask`` with a fault: ``code``, ``message``, ``hint``."""

    def __init__(self, fault: dict):
        super().__init__(fault.get("message") or fault.get("code") or "the host gave no reason")
        self.code = fault.get("code", "Internal")
        self.hint = fault.get("hint")
        self.detail = fault.get("detail")


class Answer:
    """What a person answered: ``action`` is accept, decline or cancel, ``content`` the form; true where accepted."""

    def __init__(self, action: str, content):
        self.action = action
        self.content = content

    def __bool__(self) -> bool:
        return self.action == "accept"


def current() -> "Context":
    """The context of the call that runs here; raises RuntimeError outside of one."""
    call = current_call.get()
    if call is None:
        raise RuntimeError("no call runs here: toolruntime.current() works inside a tool function")
    return call.context


class Context:
    """One call. In an async function, ``elicit``, ``ask`` and ``tools`` are awaited; the others may be."""

    def __init__(self, call):
        self._call = call
        head = call.head
        self.invocation = head.get("invocation")
        self.session = head.get("session")
        self.function = head.get("function")
        self.tool = head.get("tool")
        self.tenant = head.get("tenant")
        self.attempt = head.get("attempt", 1)
        self.traceparent = head.get("traceparent")
        self.previous_checkpoint = head.get("checkpoint")
        self.tools = Tools(self)
        self.state = _keeping.State(call)
        self.mailbox = _keeping.Mailbox(call)

    @property
    def cancelled(self) -> bool:
        """Whether the call was cancelled."""
        return self._call.cancelled

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the call's deadline, or None without one."""
        limit = self._call.head.get("deadlineMs")
        return None if limit is None else max(0.0, limit / 1000 - (time.monotonic() - self._call.started))

    def progress(self, progress: float, total: float | None = None, message: str | None = None):
        """Says how far the call is."""
        body = {"progress": progress}
        if total is not None:
            body["total"] = total
        if message is not None:
            body["message"] = message
        self._call.send(_channel.PROGRESS, encode(body))
        return _DONE

    def log(self, text: str, level: str = "info"):
        """A log line of an MCP level (debug, info, notice, warning, error, critical, alert, emergency)."""
        self._call.output.log(level, str(text))
        return _DONE

    def emit(self, value):
        """Gives a piece of the result before the result."""
        self._call.emit(value)
        return _DONE

    def checkpoint(self, state):
        """Keeps ``state`` (any JSON value), which the call finds in ``previous_checkpoint`` if it must be run again."""
        self._call.send(_channel.CHECKPOINT, encode({"state": state}))
        return _DONE

    def step(self, name: str, function):
        """Runs ``function`` once for this invocation and ``name`` and gives its JSON result, which is kept before this returns: a call
        that is run again after a crash gets it without running ``function``."""
        return _keeping.step(self._call, name, function)

    def elicit(self, message: str, schema=None):
        """Asks the caller; ``schema`` is a JSON Schema or a dataclass whose instance is then the answer's content."""
        form = schema if isinstance(schema, dict) else _form(schema)
        params = {"message": message, "requestedSchema": form}
        return self._call.ask("elicit", params, lambda result: _answer(result, schema))

    def ask(self, requests: dict):
        """Asks the caller several things at once: MCP requests by name, ``{"who": {"method": "elicitation/create",
        "params": {...}}}``, also ``sampling/createMessage`` and ``roots/list``. Gives the results by the same names;
        where the caller's client cannot be asked, an elicitation is cancelled and the others have ``{"error": {...}}``."""
        return self._call.ask("ask", {"requests": requests}, lambda result: result or {})


class Tools:
    """The tools that the caller of this call may use."""

    def __init__(self, context: Context):
        self._context = context

    def list(self):
        """Their definitions, a list of dicts."""
        return self._context._call.ask("tools.list", {}, lambda result: result.get("tools", []))

    def call(self, name: str, arguments: dict | None = None, /, **named):
        """Calls one and gives its value, or its content blocks where it has no value; raises ToolError."""
        params = {"name": name, "arguments": {**(arguments or {}), **named}}
        return self._context._call.ask("tools.call", params, _value)


class HostCalls:
    """Questions to the host that wait for their answers."""

    def __init__(self, channel):
        self._channel = channel
        self._ids = itertools.count(1)
        self._open = {}

    def ask(self, call, method: str, params: dict):
        """Sends one and waits for its result in this thread."""
        waiter = Waiter()
        number = self._send(call, method, params, waiter.set)
        try:
            return _result(call.wait(waiter))
        finally:
            self._open.pop(number, None)

    async def ask_async(self, call, method: str, params: dict):
        """Sends one and awaits its result."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()

        def settle(reply):
            loop.call_soon_threadsafe(lambda: future.done() or future.set_result(reply))

        number = self._send(call, method, params, settle)
        try:
            return _result(await future)
        finally:
            self._open.pop(number, None)

    def reply(self, body: dict) -> None:
        """Settles the question that a HOST_REPLY answers; unknown ids were given up and are ignored."""
        settle = self._open.pop(body.get("id"), None)
        if settle is not None:
            settle(body)

    def _send(self, call, method, params, settle) -> int:
        number = next(self._ids)
        self._open[number] = settle
        self._channel.send(_channel.HOST_CALL, call.number, encode({"id": number, "method": method, "params": params}))
        return number


class Waiter:
    """One thing to come, for a thread that a cancellation can wake."""

    def __init__(self):
        self._ready = threading.Event()
        self._value = None

    def set(self, value) -> None:
        """It came."""
        self._value = value
        self._ready.set()

    def cancel(self) -> None:
        """It will not be waited for."""
        self._ready.set()

    def wait(self, seconds: float | None = None):
        """What came, or None."""
        self._ready.wait(seconds)
        return self._value


class _Done:
    """Lets ``await ctx.progress(...)`` be written as well as ``ctx.progress(...)``."""

    def __await__(self):
        return iter(())


_DONE = _Done()


def _result(reply: dict):
    if "fault" in reply:
        raise ToolError(reply["fault"])
    return reply.get("result")


def _value(result):
    if isinstance(result, dict):
        return result["value"] if "value" in result else result.get("content")
    return result


def _form(schema) -> dict:
    """A form as MCP has it: an object of plain members, without the rest that a schema may say."""
    if schema is None:
        return {"type": "object", "properties": {}}
    from toolruntime._schema import Schemas

    found = Schemas("input").members(schema)
    return {key: found[key] for key in ("type", "properties", "required") if key in found}


def _answer(result, schema) -> Answer:
    result = result or {}
    content = result.get("content")
    if schema is not None and not isinstance(schema, dict) and content is not None:
        from toolruntime._arguments import converter

        convert = converter(schema)
        content = convert(content, "content") if convert else content
    return Answer(result.get("action", "cancel"), content)
