"""`python -m socap` is the command line."""

from __future__ import annotations

from socap.cli import main

if __name__ == "__main__":
    main()
