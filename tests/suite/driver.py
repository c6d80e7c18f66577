"""Run pytest several times in one process: the imports are paid once. argv lists in, outcomes out, as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import sys

import pytest


def main() -> None:
    outcomes = []
    for arguments in json.load(sys.stdin):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = int(pytest.main(arguments))
        outcomes.append([code, said.getvalue()])
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
