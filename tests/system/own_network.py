"""Runs the program without --listen in a network of its own, and prints what it saw as JSON.

usage: unshare --net own_network.py PROGRAM FOLDER

Here every port is free, so the default port can be tested beside other tests."""
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

DEADLINE_S = 10
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
REQUEST = b"GET /hello.txt HTTP/1.1\r\nHost: linnet.test\r\nConnection: close\r\n\r\n"


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        ask = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, ask))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def status_line(host):
    """The first line of the answer on port 8080; the server closes first."""
    try:
        with socket.create_connection((host, 8080), DEADLINE_S) as client:
            client.sendall(REQUEST)
            answer = b""
            while data := client.recv(65536):
                answer += data
    except OSError as error:
        # Without an IPv6 loopback the address cannot be assigned; a refusal is a fault.
        return "no IPv6" if ":" in host and error.errno in (97, 99, 101) else str(error)
    return answer.partition(b"\r\n")[0].decode("latin-1")


def start(program, folder):
    """The running program and its banner; it dies with this process."""
    process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", program, folder],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    banner, end = b"", time.monotonic() + DEADLINE_S
    while b"http://" not in banner or not banner.endswith(b"\n"):
        left_s = max(0, end - time.monotonic())
        if not select.select([process.stdout], [], [], left_s)[0]:
            break
        data = os.read(process.stdout.fileno(), 65536)
        if not data:
            break
        banner += data
    else:
        return process, banner.decode("utf-8")
    process.kill()
    raise SystemExit(f"no address in the banner {banner!r}: {process.communicate()[1].decode()}")


def start_second(program, folder):
    """The exit code and stderr of a program that finds its port taken."""
    try:
        done = subprocess.run(["setpriv", "--pdeathsig", "KILL", program, folder],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S,
                              check=False)
    except subprocess.TimeoutExpired:
        return None, "it did not end"
    return done.returncode, done.stderr.decode()


def stop(process):
    """Its exit code and what it had written behind the banner."""
    process.send_signal(signal.SIGTERM)
    try:
        output, _ = process.communicate(timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
    return process.returncode, output.decode("utf-8")


def main():
    program, folder = sys.argv[1:]
    raise_loopback()
    seen = {}
    first, seen["banner"] = start(program, folder)
    try:
        seen["ipv4"], seen["ipv6"] = status_line("127.0.0.1"), status_line("::1")
        seen["second_code"], seen["second_errors"] = start_second(program, folder)
    finally:
        first_code, seen["log"] = stop(first)
    again, _ = start(program, folder)
    try:
        seen["restarted"] = status_line("127.0.0.1")
    finally:
        second_code, _ = stop(again)
    seen["exit_codes"] = [first_code, second_code]
    print(json.dumps(seen))


main()
