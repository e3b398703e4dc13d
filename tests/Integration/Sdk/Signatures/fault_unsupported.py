import socket


def read(x: socket.socket) -> int:
    return 1
