"""Docker's resolver, for programs that don't read /etc/hosts: `python resolver.py HOSTS_FILE`, on 127.0.0.11:53.

It runs inside a container's network and answers what that container's hosts file says; another name doesn't exist.
"""

from __future__ import annotations

import socket
import struct
import sys
from pathlib import Path


def main() -> None:
    """Answer for ever."""
    hosts = Path(sys.argv[1])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.11", 53))
        while True:
            asked, client = server.recvfrom(512)
            server.sendto(answer(asked, hosts.read_text()), client)


def answer(asked: bytes, hosts: str) -> bytes:
    """The DNS message that answers `asked`."""
    labels, end = [], 12
    while asked[end]:
        labels.append(asked[end + 1 : end + 1 + asked[end]].decode())
        end += asked[end] + 1
    name = ".".join(labels).lower()
    known = {alias: line.split()[0] for line in hosts.splitlines() for alias in line.split()[1:]}
    (kind,) = struct.unpack(">H", asked[end + 1 : end + 3])
    found = known.get(name) if kind == 1 else None
    code = 0x8180 if name in known else 0x8183
    head = asked[:2] + struct.pack(">HHHHH", code, 1, 1 if found else 0, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 5, 4) + socket.inet_aton(found) if found else b""
    return head + asked[12 : end + 5] + record


if __name__ == "__main__":
    main()
