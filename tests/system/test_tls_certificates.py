"""Certificates and keys: which one answers, what is checked at boot; the options of HTTPS."""
import os
import pathlib
import re
import signal
import socket
import subprocess

import pytest

from client import DEADLINE_S, wait_until
from content import HELLO
from program import DRIVER, PROGRAM
from secure import ask, make_pair, needs_tls, run

pytestmark = needs_tls


def answered_by_ocsp(folder, certificate, key, status="V", days=5):
    """A file with what an authority, which is the certificate itself, says of it."""
    serial = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-serial"],
                            check=True, capture_output=True, timeout=60).stdout
    number = serial.decode("ascii").strip().partition("=")[2]
    revoked = "251120000000Z" if status == "R" else ""
    (folder / "index").write_text(f"{status}\t361120000000Z\t{revoked}\t{number}\tunknown\t/CN=x\n")
    path = folder / f"answer-{status}{days}"
    subprocess.run(["openssl", "ocsp", "-index", folder / "index", "-CA", certificate, "-rsigner",
                    certificate, "-rkey", key, "-issuer", certificate, "-cert", certificate,
                    "-respout", path, "-ndays", str(days)], check=True, capture_output=True,
                   timeout=60)
    return str(path)


def test_what_ocsp_says_is_stapled(secure, site, tmp_path):
    """RFC 6066 8, RFC 6960 4.2.2: to who asks; what is not about it, or not good, is refused."""
    pair = make_pair(tmp_path, "stapled.test")
    other = make_pair(tmp_path, "other.test")
    staple = answered_by_ocsp(tmp_path, *pair.split(","))
    program = secure("--tls", f"{pair},{staple}", "--tls", other)
    for name, found in (("stapled.test", b"OCSP Response Status: successful"),
                        ("other.test", b"OCSP response: no response sent")):
        done = run("openssl", "s_client", "-connect", f"127.0.0.1:{program.tls_port}", "-status",
                   "-servername", name)
        assert found in done.stdout, done.stdout
    garbage, revoked = tmp_path / "garbage", answered_by_ocsp(tmp_path, *pair.split(","), "R")
    garbage.write_bytes(b"x" * 100)
    for files, said in ((f"{other},{staple}", b"it is about another certificate"),
                        (f"{pair},{garbage}", b"it is no answer of OCSP in DER"),
                        (f"{pair},{revoked}", b"the certificate is not good"),
                        (f"{pair},{tmp_path}/none", b"there is no such file")):
        done = run(PROGRAM, *DRIVER, "--listen-tls", "127.0.0.1:0", "--tls", files, str(site))
        assert done.returncode == 1 and said in done.stderr, done.stderr


def common_name(program, server_name):
    done = run("openssl", "s_client", "-connect", f"127.0.0.1:{program.tls_port}",
               *(("-servername", server_name) if server_name else ("-noservername",)))
    return re.search(rb"subject=CN = (\S+)", done.stdout).group(1).decode("ascii")


def test_the_name_chooses_the_certificate(secure, tmp_path):
    """RFC 6066 3: the very name before a wildcard, the first one for every other name."""
    program = secure("--tls", make_pair(tmp_path, "first.test"),
                     "--tls", make_pair(tmp_path, "wild", "*.wild.test", kind="rsa"),
                     "--tls", make_pair(tmp_path, "exact.wild.test", kind="ed25519"))
    for name, expected in (("first.test", "first.test"), ("a.wild.test", "wild"),
                           ("exact.wild.test", "exact.wild.test"), ("EXACT.wild.test",
                           "exact.wild.test"), ("a.b.wild.test", "first.test"),
                           ("wild.test", "first.test"), (None, "first.test")):
        assert common_name(program, name) == expected, name


def test_its_own_certificate_names_this_machine(secure):
    """localhost, both loopback addresses, and the name; the banner has its fingerprint."""
    program = secure()
    with program.secure() as client:
        der = client.getpeercert(binary_form=True)
    done = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256",
                           "-ext", "subjectAltName"], input=der, capture_output=True, check=True,
                          timeout=DEADLINE_S)
    for name in (b"DNS:localhost", b"IP Address:127.0.0.1", b"IP Address:0:0:0:0:0:0:0:1",
                 b"DNS:" + socket.gethostname().encode("ascii")):
        assert name in done.stdout
    fingerprint = re.search(rb"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", done.stdout).group()
    assert fingerprint in b"".join(program.lines)


@pytest.mark.parametrize("driver", ["epoll", "fork", "threads"])
def test_sighup_reads_certificates_again(secure, tmp_path, driver):
    """New connections get the new one, of every worker and of one that is made later; old ones go
    on, sessions are resumed; and what is wrong leaves all as it was."""
    pair = make_pair(tmp_path, "some.test", "before.test")
    program = secure("--workers", "2", "--driver", driver, "--tls", pair)
    old, session = program.secure(), None
    assert HELLO in ask(old, close=False)
    session = old.session
    make_pair(tmp_path, "some.test", "after.test", kind="rsa")
    program.send_signal(signal.SIGHUP)
    program.await_error(b"certificates were read again")

    def alternative_name():
        with program.secure() as client:
            der = client.getpeercert(binary_form=True)
        return b"after.test" in der

    wait_until(alternative_name, "the new certificate")
    for _ in range(8):
        wait_until(alternative_name, "the new certificate of every worker")
    assert HELLO in ask(old, close=False)
    with program.secure(session=session, context=old.context) as client:
        assert client.session_reused
    killed = program.worker_pids()[0]
    os.kill(killed, signal.SIGKILL)
    program.await_error(b"(process %d) ended: SIGKILL; replaced" % killed)
    wait_until(lambda: len(program.worker_pids()) == 2, "the worker that was replaced")
    assert all(alternative_name() for _ in range(8))
    program.forgive()
    os.truncate(pair.split(",")[1], 10)
    program.send_signal(signal.SIGHUP)
    program.await_error(b"the certificates stay as they are: --tls: ", b"is no private key")
    assert alternative_name()
    program.forgive()


@pytest.mark.parametrize("fault, said", [
    ("missing", b"there is no such file"), ("garbage", b"is no certificate that can be used"),
    ("no key", b"is no private key"), ("wrong pair", b"does not belong to the certificate"),
    ("expired", b"has expired"), ("everyone", b"may be read by everyone"),
    ("locked", b"is locked with a password"), ("forbidden", b"permission denied"),
])
def test_files_are_checked_at_boot(site, folder, tmp_path, fault, said):
    """What is wrong, where, and what to do."""
    pair = make_pair(tmp_path, "some.test", mode=0o604 if fault == "everyone" else 0o600)
    certificate, key = pair.split(",")
    wrapper = ()
    if fault == "missing":
        certificate += "x"
    elif fault == "garbage":
        certificate = os.path.abspath(__file__)
    elif fault == "no key":
        key = certificate
        os.chmod(certificate, 0o600)
    elif fault == "wrong pair":
        key = make_pair(tmp_path, "other.test").split(",")[1]
    elif fault == "expired":
        subprocess.run(["openssl", "x509", "-in", certificate, "-signkey", key, "-days", "-1",
                        "-out", certificate + ".old"], check=True, capture_output=True, timeout=60)
        certificate += ".old"
    elif fault == "locked":
        subprocess.run(["openssl", "pkey", "-in", key, "-aes128", "-passout", "pass:secret", "-out",
                        key + ".locked"], check=True, capture_output=True, timeout=60)
        key += ".locked"
        os.chmod(key, 0o600)
    elif fault == "forbidden":
        # Nobody may enter pytest's own folders, and root may read everything.
        certificate, key = make_pair(pathlib.Path(folder).parent, "some.test").split(",")
        if os.geteuid() == 0:
            wrapper = ("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups")
        else:
            os.chmod(key, 0)
    done = run(*wrapper, PROGRAM, *DRIVER, "--listen-tls", "127.0.0.1:0", "--tls",
               f"{certificate},{key}", str(site))
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert os.path.basename(key if fault not in ("missing", "garbage", "expired")
                            else certificate).encode() in done.stderr


# ---- the command line ---------------------------------------------------------------------------


def test_the_budget_shows_its_terms(site):
    done = run(PROGRAM, *DRIVER, "--budget", "--tls-self-signed", str(site))
    text = done.stdout.decode("ascii")
    for term in ("tls", "sealed", "library", "sessions", "handshakes", "reserve", "messages",
                 "arenas"):
        assert re.search(rf"^{term} .* \d+ x \d+ +\d+$", text, re.M), (term, text)
    without = run(PROGRAM, *DRIVER, "--budget", str(site)).stdout.decode("ascii")
    assert "arena" not in without and "sealed" not in without


@pytest.mark.parametrize("workers", ["1", "3"])
def test_memory_holds_the_arena_too(site, workers):
    """--memory is what all must fit into; where it does not, the message says what would do."""
    options = (PROGRAM, "--driver", "epoll", "--tls-self-signed", "--workers", workers, "--budget")
    done = run(*options, "--memory", "64M", str(site))
    whole = int(re.search(rb"^all .* (\d+)$", done.stdout, re.M).group(1))
    assert 48 << 20 < whole <= 64 << 20
    done = run(*options, "--memory", "1M", str(site))
    least = re.search(rb"arena \d+ .* --memory (\d+)K", done.stderr).group(1).decode("ascii")
    assert run(*options, "--memory", f"{least}K", str(site)).returncode == 0
    assert run(*options, "--memory", f"{int(least) - 1}K", str(site)).returncode == 1


@pytest.mark.parametrize("options, said", [
    (("--listen-tls", "0"), b"there is no certificate"),
    (("--tls", "alone.pem"), b"write CERTIFICATE,KEY"),
    (("--redirect-https",), b"nobody is served by HTTPS"), (("--hsts", "1"), b"nobody is served"),
    (("--hsts", "a year"), b"for how many seconds"),
    (("--tls-self-signed", "--limit", "input_len=20000"), b"input_len=20000 is too small for TLS"),
])
def test_what_makes_no_sense_is_said(site, options, said):
    done = run(PROGRAM, *DRIVER, *options, str(site))
    assert done.returncode in (1, 2) and said in done.stderr, done.stderr
