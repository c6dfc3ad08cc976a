"""Runs a program to which the kernel refuses one system call, as a sandbox does.

usage: refuse_call.py CALL ERROR PROGRAM [ARGUMENT]...

CALL is the number of the call, ERROR the name of what it then fails with, such as EPERM. A filter
of seccomp does it, which stays for the whole life of the process."""
import ctypes
import errno
import os
import struct
import sys

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD_NUMBER = (0x20, 0, 0, 0)
_RETURN_ALLOW = (0x06, 0, 0, 0x7FFF0000)


def refuse(call, error):
    steps = [_LOAD_NUMBER, (0x15, 0, 1, call), (0x06, 0, 0, 0x00050000 | error), _RETURN_ALLOW]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                      (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0)):
        if libc.prctl(*arguments) != 0:
            sys.exit(f"refuse_call: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    refuse(int(sys.argv[1]), getattr(errno, sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
