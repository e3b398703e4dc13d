"""The same functions as behaviour.mjs: both workers must behave alike."""

import asyncio
import os
import struct
import sys
import time

from toolruntime import Context, Image, current

FROM_LOAD = os.environ.get("FROM_LOAD")


def add(a: float, b: float) -> float:
    return a + b


def same(value):
    return value


def large(size: int) -> str:
    return "x" * size


def environment() -> str:
    return FROM_LOAD


def fail(text: str):
    raise ValueError(text)


def not_a_number():
    return {"x": float("nan")}


def picture():
    return [Image(b"abc"), "a caption"]


def stream(n: int):
    for i in range(n):
        print(f"line {i}")
        yield i


async def stream_later(n: int):
    for i in range(n):
        await asyncio.sleep(0)
        yield str(i)


def stream_then_return(n: int):
    yield from range(n)
    return "all"


def stream_much():
    while True:
        yield "x" * 1000


def events(ctx: Context):
    ctx.progress(1, 2, "half")
    ctx.log("careful", "warning")
    ctx.emit({"piece": 1})
    ctx.checkpoint({"at": 1})
    return {"session": ctx.session, "attempt": ctx.attempt, "traceparent": ctx.traceparent, "previous": ctx.previous_checkpoint}


async def events_later(ctx: Context):
    await ctx.progress(1)
    return (await ctx.tools.call("add", a=1, b=2)) + 1


def call_tool(name: str, ctx: Context):
    return ctx.tools.call(name, a=1, b=2)


def ask(ctx: Context):
    answer = ctx.elicit("Your name?", {"type": "object", "properties": {"name": {"type": "string"}}})
    return answer.content["name"] if answer else answer.action


def ask_several(ctx: Context):
    form = {"message": "Name?", "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}
    answers = ctx.ask({"who": {"method": "elicitation/create", "params": form}, "roots": {"method": "roots/list"}})
    return [answers["who"]["content"]["name"], len(answers["roots"]["roots"])]


def print_much():
    text = "x" * 1023 + "\n"
    for _ in range(1024 * 1024):
        sys.stdout.write(text)
    return "printed"


def print_frames():
    frame = struct.pack("<IBI", 5 + 12, 19, 1) + b'{"value":66}'
    sys.stdout.buffer.write(frame)
    os.write(1, frame)
    os.write(2, frame)
    return "honest"


def print_parts(who: str):
    for part in (who, " ", "says", " hi\n"):
        sys.stdout.write(part)
        time.sleep(0.001)
    print("no end of line", end="")
    return who


async def forever(ctx: Context):
    ctx.log("waiting")
    await asyncio.sleep(1000)


def sleep(seconds: float):
    current().log("sleeping")
    time.sleep(seconds)
    return "slept"


def spin(ctx: Context):
    ctx.log("spinning")
    while True:
        pass


def leave():
    os._exit(7)


def forked() -> str:
    child = os.fork()
    if child == 0:
        return "the child must not answer"
    os.waitpid(child, 0)
    return "parent"


def thread_prints() -> str:
    import threading

    thread = threading.Thread(target=print, args=("from a thread",))
    thread.start()
    thread.join()
    return "joined"


_released = None


def print_later() -> str:
    import threading

    global _released
    _released = threading.Event()

    def later(released):
        released.wait()
        print("too late")
        released.clear()

    threading.Thread(target=later, args=(_released,), daemon=True).start()
    return "ended"


def release() -> str:
    _released.set()
    while _released.is_set():
        time.sleep(0.001)
    return "released"
