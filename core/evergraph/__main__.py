"""`python -m evergraph`."""

import sys

from evergraph.commands import main

if __name__ == "__main__":
    sys.exit(main())
