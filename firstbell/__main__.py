"""`python -m firstbell` is the command."""

import sys

from firstbell.cli import main

if __name__ == "__main__":
    sys.exit(main())
