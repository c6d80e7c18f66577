"""`python -m gsae_theory` and the script `gsae`: the command line."""

import sys


def run() -> None:
    """Run the command line; Ctrl-C leaves with 130 even while it is still being imported."""
    try:
        from gsae_theory.cli import main

        main(prog_name="gsae")
    except KeyboardInterrupt:
        sys.stderr.write("gsae: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
