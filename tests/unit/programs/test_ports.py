"""Ports for programs of tests that run side by side."""

from __future__ import annotations

import socket
import subprocess
import sys

from tests.programs import free_port


def test_no_two_processes_are_given_the_same_port():
    """Processes that ask at the same time get different ones."""
    ask = [sys.executable, "-c", "from tests.programs import free_port; print(*(free_port() for _ in range(20)))"]
    asking = [subprocess.Popen(ask, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    ports = [port for process in asking for port in process.communicate()[0].split()]
    assert len(ports) == len(set(ports)) == 60


def test_a_port_that_is_in_use_is_passed_over():
    """What listens already isn't given."""
    port = free_port()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port + 1))
        listener.listen()
        assert free_port() != port + 1
