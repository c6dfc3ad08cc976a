"""What the network does to a board: addresses that a router gives, a table of connections that is
full, bytes that come one by one."""
import re
import select
import socket
import struct
import time

import pytest

from machine import DEADLINE_S, IP4, MACHINE, SLOTS, WAITING, run
from test_board import PAGE, ask, connect, curl, read_answer

BOARD_LINK_LOCAL = "fe80::ff:fe00:2"
PREFIX = "fd08::"


def test_s1_6_link_local_address_answers(machine):
    assert PAGE in curl(f"http://[{BOARD_LINK_LOCAL}%25tap0]/page.html")


def advertise_prefix():
    """A router's advertisement to all nodes of the link: RFC 4861 4.2."""
    head = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    prefix = struct.pack("!BBBBIII16s", 3, 4, 64, 0xC0, 3600, 1800, 0,
                         socket.inet_pton(socket.AF_INET6, PREFIX))
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as router:
        router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        router.sendto(head + prefix,
                      ("ff02::1", 0, 0, socket.if_nametoindex("tap0")))


def test_s1_6_router_gives_an_address(machine):
    run("ip", "address", "add", f"{PREFIX}1/64", "dev", "tap0", "nodad")
    end = time.monotonic() + DEADLINE_S
    while True:  # an advertisement may be lost, or this side have no link-local address yet
        advertise_prefix()
        try:
            with socket.create_connection((f"{PREFIX}ff:fe00:2", 80), 4) as client:
                ask(client, "/page.html")
                assert PAGE in read_answer(client)[1]
                return
        except OSError:
            assert time.monotonic() < end


def test_full_table_lets_later_clients_knock_again(machine):
    busy = [connect() for _ in range(SLOTS)]
    for client in busy:
        client.sendall(b"GET /page.html HTTP/1.1\r\n")
    waiting = [connect() for _ in range(WAITING)]
    late = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((IP4, 80))
        late.append(client)
    assert select.select([], late, [], 0.5)[1] == []
    for client in busy:
        client.close()
    for client in waiting:
        ask(client, "/page.html")
        assert PAGE in read_answer(client)[1]
        client.close()
    for client in late:
        assert select.select([], [client], [], DEADLINE_S)[1]
        client.settimeout(DEADLINE_S)
        ask(client, "/page.html")
        assert PAGE in read_answer(client)[1]
        client.close()


def test_bytes_one_by_one_take_no_buffer_from_others(machine):
    drips = [connect() for _ in range(SLOTS - 2)]
    for client in drips:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"GET /page.html HTTP/1.1\r\nHost: x":
        for client in drips:
            try:
                client.sendall(bytes([byte]))
            except OSError:
                pass  # its buffer was wanted by another: it has been told 408
    begin = time.monotonic()
    assert PAGE in curl(f"http://{IP4}/page.html")
    assert time.monotonic() - begin < 10
    for client in drips:
        client.close()


@pytest.mark.skipif(MACHINE != "lm3s6965", reason="a program has the stack of its system")
def test_stack_was_never_near_its_end(machine):
    """It grows down to the first word of RAM; here is how far it did in all of the tests above."""
    said = machine.monitor("xp /1024wx 0x20000000")
    words = re.findall(r"0x([0-9a-f]{8})(?=[ \r])", said)
    assert len(words) == 1024
    unused = next(i for i, word in enumerate(words) if int(word, 16) != 0)
    print(f"stack: {4 * (1024 - unused)} of 4096 bytes were used")
    assert 4 * unused >= 1024, f"{4 * unused} bytes are left"
