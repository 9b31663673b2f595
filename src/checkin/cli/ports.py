"""Ports to listen on: whether one is free, before somebody else is started who would share it or fail."""

import socket


def free_port(host: str, wanted: int = 0) -> int:
    """Return the port *wanted* at the IP address *host*; 0 is any that is free.

    Raises OSError where nobody can listen there: it is taken, not allowed, or no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # only a port that is waited out, not one in use
        probe.bind((host, wanted))
        return int(probe.getsockname()[1])
