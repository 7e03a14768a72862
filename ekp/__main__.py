"""`python -m ekp`: the command line where its script is not on PATH."""

from ekp.cli import main

main()
