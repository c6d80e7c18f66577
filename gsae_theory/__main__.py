"""`python -m gsae_theory` and the script `gsae`: the command line."""

import errno
import os
import signal
import sys
import threading
from types import FrameType

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run() -> None:
    """Run the command line; Ctrl-C leaves with 130 even while it is still being imported, a full disk behind stdout with 2."""
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        signal.default_int_handler(number, frame)

    def again(problem: "sys.UnraisableHookArgs") -> None:
        # Where no exception can leave (a finaliser, a callback of the garbage collector) Ctrl-C would be lost.
        if heard and issubclass(problem.exc_type, KeyboardInterrupt):
            later = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))
            later.daemon = True
            later.start()
        else:
            sys.__unraisablehook__(problem)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, hear)
        sys.unraisablehook = again
    try:
        from gsae_theory.cli import main

        main(prog_name="gsae")
    except (KeyboardInterrupt, ImportError) as problem:
        if isinstance(problem, ImportError) and not heard:
            raise  # a compiled module that is interrupted while it loads says "initialization failed"
        sys.stderr.write("gsae: interrupted\n")
        sys.exit(130)
    except OSError as problem:
        if problem.errno not in _FULL:
            raise
        sys.stderr.write(f"gsae: cannot write the output: {problem.strerror}\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left unwritten cannot be
        sys.exit(2)


if __name__ == "__main__":
    run()
