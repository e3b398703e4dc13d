"""Runs a command on a terminal of its own, as a person at a keyboard would: terminal.py STEPS COMMAND...

STEPS is a JSON list of {"see": text} (waits for it), {"type": text}, {"size": [rows, columns]} and {"signal": number}. Prints JSON:
the exit code, all that the terminal showed, and whether the terminal was at the end as it was before."""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

DEADLINE = 120


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    steps, command = json.loads(sys.argv[1]), sys.argv[2:]
    master, slave = pty.openpty()
    resize(slave, 24, 80)
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for number in range(3):
            os.dup2(slave, number)
        os.execvp(command[0], command)

    shown, seen, raw_while_running = "", 0, False
    end = time.monotonic() + DEADLINE

    def read():
        nonlocal shown
        ready, _, _ = select.select([master], [], [], 0.1)
        if ready:
            shown += os.read(master, 65536).decode(errors="replace")
        elif time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            raise TimeoutError(f"at step {step}, shown: {shown!r}")

    for step in steps:
        if "see" in step:
            while (at := shown.find(step["see"], seen)) < 0:
                read()
            seen = at + len(step["see"])
        if "type" in step:
            raw_while_running = termios.tcgetattr(slave)[3] & termios.ICANON == 0
            os.write(master, step["type"].encode())
        if "size" in step:
            resize(slave, *step["size"])
            os.kill(pid, signal.SIGWINCH)
        if "signal" in step:
            os.kill(pid, step["signal"])

    step = "the end"
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        read()
    while select.select([master], [], [], 0)[0]:
        shown += os.read(master, 65536).decode(errors="replace")
    print(json.dumps({
        "exit": os.waitstatus_to_exitcode(status),
        "shown": shown,
        "raw": raw_while_running,
        "restored": termios.tcgetattr(slave) == before,
    }))


main()
