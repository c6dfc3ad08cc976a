"""A machine that runs the sample of ports/, and the network to it: a TAP device in the network
namespace that the tests were started in.

LINNET_MACHINE names it: lm3s6965, an emulated board, or host_tap, the same port as a program with
sanitizers. LINNET_MACHINE_FILE is the firmware, or that program."""
import os
import signal
import socket
import subprocess
import tempfile
import threading

MACHINE = os.environ["LINNET_MACHINE"]
FILE = os.environ["LINNET_MACHINE_FILE"]
DEADLINE_S = 30
IP4, IP6 = "10.7.0.2", "fd07::2"
DOWNLOAD_LEN = 100 * 1024
SLOTS, WAITING = 8, 4


def download():
    """What /download gives: byte i is a function of i."""
    return bytes(97 + (at ^ (at >> 8) ^ (at >> 16)) % 26 for at in range(DOWNLOAD_LEN))


def checksum(data):
    """FNV-1a, as the board computes it."""
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, check=False, timeout=600, **more)
    assert done.returncode == 0, (command, done.returncode, done.stdout[-500:], done.stderr[-2000:])
    return done.stdout


def open_network():
    run("ip", "link", "set", "lo", "up")
    run("ip", "tuntap", "add", "dev", "tap0", "mode", "tap")
    run("ip", "link", "set", "tap0", "up")
    run("ip", "address", "add", "10.7.0.1/24", "dev", "tap0")
    run("ip", "address", "add", "fd07::1/64", "dev", "tap0", "nodad")


class Machine:
    """Running from the first line to the last; what it said on its console is kept."""

    def __init__(self):
        self.monitor_path = os.path.join(tempfile.mkdtemp(prefix="linnet-board-"), "monitor")
        command = [FILE, "tap0"]
        if MACHINE == "lm3s6965":
            command = ["qemu-system-arm", "-M", "lm3s6965evb", "-display", "none",
                       "-monitor", f"unix:{self.monitor_path},server,nowait", "-serial", "stdio",
                       "-netdev", "tap,id=net,ifname=tap0,script=no,downscript=no",
                       "-net", "nic,netdev=net", "-kernel", FILE]
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self._heard = threading.Condition()
        self._said = ""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.wait_for("port 80\n")

    def _listen(self):
        """Keeps reading: a console that nobody reads would stop the board."""
        while data := os.read(self.process.stdout.fileno(), 65536):
            with self._heard:
                self._said += data.decode("latin-1")
                self._heard.notify_all()

    def said(self):
        with self._heard:
            return self._said

    def wait_for(self, text, after=0):
        with self._heard:
            heard = self._heard.wait_for(lambda: text in self._said[after:], DEADLINE_S)
            assert heard, (text, self._said[-2000:])

    def monitor(self, line):
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(DEADLINE_S)
            talk.connect(self.monitor_path)
            answer = b""
            for part in (b"", line.encode() + b"\n"):
                talk.sendall(part)
                end = answer.count(b"(qemu) ") + 1
                while answer.count(b"(qemu) ") < end:
                    answer += talk.recv(4096)
            return answer.decode("latin-1")

    def set_link(self, up):
        """Pulls the cable, or puts it back."""
        if MACHINE == "lm3s6965":
            self.monitor(f"set_link net {'on' if up else 'off'}")
        else:
            run("nft", "-f", "-", input=(b"flush ruleset\n" if up else DROP_ALL))

    def check(self):
        """It runs, and nothing went wrong in it."""
        said = self.said()
        assert self.process.poll() is None, said[-4000:]
        assert "assertion failed" not in said and said.count("port 80\n") == 1, said[-4000:]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DEADLINE_S)
        self._listener.join(DEADLINE_S)
        self.process.stdout.close()


DROP_ALL = b"""
table netdev cut {
  chain away { type filter hook egress device tap0 priority 0; policy drop; }
  chain here { type filter hook ingress device tap0 priority 0; policy drop; }
}
"""

LOSE_SOME = """
table inet lossy {
  chain away { type filter hook output priority 0;
    oifname "tap0" meta l4proto tcp numgen random mod 100 < %d drop; }
  chain here { type filter hook input priority 0;
    iifname "tap0" meta l4proto tcp numgen random mod 100 < %d drop; }
}
"""
