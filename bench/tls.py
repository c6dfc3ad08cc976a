"""HTTPS: CPU time of kept connections and of whole handshakes, beside a floor and nginx.

The same OpenSSL, certificate (ECDSA P-256), suite, curve and tickets for all; the floor does the
handshake and sends the bytes of Linnet's answer."""
import os
import shutil
import ssl
import socket
import statistics
import subprocess
import time

import processes
import programs

SERVERS = ("tls-floor", "linnet", "nginx")
CONNECTIONS = 16
# name -> title, path, whether connections are kept
KINDS = {"tls-1k": ("1 KiB, kept", "/1k.bin", True), "tls-16k": ("16 KiB, kept", "/16k.bin", True),
         "tls-handshake": ("1 KiB, a whole handshake for each", "/1k.bin", False)}

_NGINX = """        listen 127.0.0.1:@PORT@ ssl backlog=4096;
        ssl_certificate @RUN@/tls.pem;
        ssl_certificate_key @RUN@/tls.key;
        ssl_protocols TLSv1.3;
        ssl_session_cache off;
        ssl_session_tickets on;
"""


def make_certificate(place):
    certificate, key = place.file("tls.pem"), place.file("tls.key")
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-keyout", key, "-out", certificate, "-subj",
                    "/CN=bench", "-days", "5"], check=True, capture_output=True, timeout=60)
    os.chmod(key, 0o600)
    return certificate, key


class Running(programs.Running):
    """A server that listens for HTTPS alone."""

    def command(self, answer):
        certificate, key = self.place.file("tls.pem"), self.place.file("tls.key")
        if self.name == "linnet":
            return [self.place.linnet, "--quiet", "--driver", "epoll", "--listen-tls",
                    f"127.0.0.1:{self.port}", "--tls", f"{certificate},{key}", self.place.root]
        if self.name == "tls-floor":
            return [self.place.tool("bench-tls-floor"), str(self.port), answer, certificate, key]
        path = self.place.file(f"{self.port}-nginx-tls.conf")
        plain = programs.command_of("nginx", self.place, self.port)
        with open(plain[-1], encoding="utf-8") as file:
            text = file.read()
        line = f"        listen 127.0.0.1:{self.port} backlog=4096;\n"
        own = _NGINX.replace("@PORT@", str(self.port)).replace("@RUN@", self.place.folder)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(line, own))
        return [shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin"), *plain[1:-1],
                path]


def ask(port, path):
    """The whole answer to one request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10)) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += client.recv(65536)
        head = answer.partition(b"\r\n\r\n")[0]
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n")
                      if line.startswith(b"content-length:"))
        while len(answer) < len(head) + 4 + length:
            answer += client.recv(65536)
        return answer


def _cost_us(place, running, path, keep, seconds):
    load = programs.start_load(place, [
        place.tool("bench-tls-load"), str(running.port), path, "keep" if keep else "new",
        str(seconds), str(CONNECTIONS)])
    try:
        if load.stdout.readline().strip() != "ready":
            raise programs.Failure(f"{running.name}: {load.communicate()[1]}")
        before = processes.settled_cpu_ns(running.process.pid)
        load.stdin.write("\n")
        load.stdin.flush()
        requests = int(load.stdout.readline() or 0)
        after = processes.settled_cpu_ns(running.process.pid)
        load.communicate("\n", timeout=60)
    finally:
        load.kill()
        load.wait()
    if requests == 0:
        raise programs.Failure(f"{running.name}: no request was answered")
    return (after - before) / requests / 1000


def measure(place, rounds, seconds):
    """kind -> server -> costs in microseconds, one for each round; the servers take turns."""
    make_certificate(place)
    found = {}
    for kind, (_, path, keep) in KINDS.items():
        answer = place.file("tls.answer")
        with Running("linnet", place) as linnet, open(answer, "wb") as file:
            file.write(ask(linnet.port, path))
        running = {name: Running(name, place, answer=answer) for name in SERVERS}
        try:
            time.sleep(0.1)  # nginx has its worker
            found[kind] = {name: [] for name in SERVERS}
            for _ in range(rounds):
                for name, each in running.items():
                    found[kind][name].append(_cost_us(place, each, path, keep, seconds))
        finally:
            for each in running.values():
                each.stop()
    return found


def rows(found):
    """For a table: the title, then of each server the median and its ratio to the floor's."""
    for kind, (title, _, _) in KINDS.items():
        floor = statistics.median(found[kind]["tls-floor"])
        medians = [statistics.median(found[kind][name]) for name in SERVERS]
        yield [title, *[f"{median:.1f} ({median / floor:.2f})" for median in medians]]
