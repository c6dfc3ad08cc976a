"""HTTPS for the tests: the program that listens for it, clients, and certificates."""
import os
import re
import socket
import ssl
import subprocess

import pytest

from client import DEADLINE_S, request
from program import PROGRAM, Program

TLS_URL = re.compile(rb"https://(127\.0\.0\.1|\[::1\]):(\d{1,5})/")


def has_tls():
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True, timeout=20)
    return b"TLS: OpenSSL" in version.stdout


needs_tls = pytest.mark.skipif(not has_tls(), reason="built without TLS")


class Secure(Program):
    """A program that listens for HTTPS alone, unless `listen` says more."""

    def __init__(self, folder, *options, listen=(), listen_tls=("127.0.0.1:0",), **more):
        addresses = []
        for address in listen_tls:
            addresses += ["--listen-tls", address]
        if not {"--tls", "--tls-self-signed"} & set(options):
            options = ("--tls-self-signed", *options)
        super().__init__(folder, *addresses, *options, listen=listen, await_banner=False, **more)
        self._await(lambda: len(self._tls_urls()) >= len(listen_tls), "https addresses")
        if listen:
            self.await_urls(len(listen))
        self.tls_urls = self._tls_urls()

    def _tls_urls(self):
        return [(host.decode("ascii").strip("[]"), int(port))
                for host, port in TLS_URL.findall(b"".join(self.lines))]

    @property
    def tls_port(self):
        return self.tls_urls[0][1]

    def secure(self, session=None, context=None, address=None):
        """A connected client, behind its handshake."""
        plain = socket.create_connection(address or self.tls_urls[0], timeout=DEADLINE_S)
        return (context or client_context()).wrap_socket(
            plain, server_hostname="localhost", session=session, suppress_ragged_eofs=False)

    def idle(self):
        """Waits until nobody is served any more, and returns what is in use then."""
        return self.await_counters(slots_now=0, tls_sessions_now=0, tls_outputs_now=0)


def client_context(least=ssl.TLSVersion.TLSv1_2, most=ssl.TLSVersion.TLSv1_3):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version, context.maximum_version = least, most
    context.set_alpn_protocols(["http/1.1"])
    return context


def read_all(client):
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


def ask(client, target="/hello.txt", close=True):
    client.sendall(request(target, fields=("Connection: close",) if close else ()))
    return read_all(client) if close else client.recv(65536)


def run(*command, **more):
    return subprocess.run(command, capture_output=True, check=False, timeout=DEADLINE_S,
                          stdin=subprocess.DEVNULL, **more)


def hello():
    """The first record of a client that speaks TLS 1.3."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


def make_pair(folder, name, *names, kind="ec", days=30, mode=0o600):
    """A self-signed certificate for these names; the option that names the pair."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    kinds = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
             "rsa": ["-newkey", "rsa:2048"], "ed25519": ["-newkey", "ed25519"]}
    subject = ",".join(f"DNS:{each}" for each in names or (name,))
    subprocess.run(["openssl", "req", "-x509", "-nodes", *kinds[kind], "-keyout", key, "-out",
                    certificate, "-subj", f"/CN={name}", "-days", str(days), "-addext",
                    f"subjectAltName={subject}"], check=True, capture_output=True, timeout=60)
    os.chmod(key, mode)
    return f"{certificate},{key}"
