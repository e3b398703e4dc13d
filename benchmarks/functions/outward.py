"""Requests to a server one after another, each on a connection of its own: python3 outward.py HOST PORT COUNT [PROXY PORT].

Prints the median time of one in ms, and how many MiB a second came.
"""
import socket
import sys
import time

host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
place, target = ((host, port), "/") if len(sys.argv) == 4 else (("127.0.0.1", int(sys.argv[4])), f"http://{host}:{port}/")
request = f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode()
buffer = bytearray(1 << 18)
times, total, begun = [], 0, time.perf_counter()
for _ in range(count):
    start = time.perf_counter()
    with socket.create_connection(place) as connection:
        connection.sendall(request)
        first = True
        while read := connection.recv_into(buffer):
            if first and not buffer.startswith(b"HTTP/1.1 200"):
                raise ValueError(bytes(buffer[:read]))
            first, total = False, total + read
    times.append((time.perf_counter() - start) * 1000)
rate = total / (1 << 20) / (time.perf_counter() - begun)
print(f"median={sorted(times)[count // 2]:.3f} rate={rate:.1f}")
