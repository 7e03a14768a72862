"""`python -m ekp`: the command line where its script is not on PATH."""

from ekp.cli import main

# The gate's processes load this module again, under another name.
if __name__ == "__main__":
    main()
