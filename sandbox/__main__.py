"""`python -m sandbox`."""

import argparse

from sandbox.server import add_arguments, main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="sandbox", description="Simulated partner operators (docs/sandbox.md).")
    add_arguments(parser)
    options = parser.parse_args()
    main(options.home, init=options.init)
