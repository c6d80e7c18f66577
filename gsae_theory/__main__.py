"""`python -m gsae_theory` is the command line."""

from gsae_theory.cli import main

if __name__ == "__main__":
    main(prog_name="gsae")
