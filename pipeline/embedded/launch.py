"""Become a server: drop root, tie the life to the parent's, then execute.

Run as ``python -I -S launch.py ORDER -- PROGRAM ARGUMENT...`` by `pipeline.embedded.process`; a program
of its own, because code between fork and exec of a threaded parent may deadlock. The order is JSON:
parent (pid), signal (sent by the kernel when the parent dies), uid and gid (or null), folder.
"""

import ctypes
import json
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Carry out the order; only returns by exiting."""
    order = json.loads(sys.argv[1])
    program = sys.argv[3:]
    libc = ctypes.CDLL(None, use_errno=True)
    os.chdir(order["folder"])
    os.umask(0o077)
    if order["uid"] is not None:
        os.setgroups([])
        os.setgid(order["gid"])
        os.setuid(order["uid"])
    # after the change of user, which would clear it
    if libc.prctl(PR_SET_PDEATHSIG, order["signal"], 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != order["parent"]:
        sys.exit("parent is gone")
    os.execvp(program[0], program)  # noqa: S606 - becoming the server is the purpose


if __name__ == "__main__":
    main()
