"""Run commands of `ekp` one after the other in one process, which loads everything once.

Each is called as the program is, with its arguments: the words of a line of standard input. The
first that fails ends the session.
"""

import shlex
import sys

from ekp.cli import main


def run(words: list[str]) -> int:
    """Return the exit code of a command."""
    sys.argv = words
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


if __name__ == "__main__":
    for line in sys.stdin.read().splitlines():
        sys.stdout.write(f"$ {line}\n")
        if code := run(shlex.split(line)):
            sys.exit(f"{line}: exit code {code}")
