"""``python -m scanner`` is the command ``dipolescan``."""

from scanner.cli import run_main

if __name__ == "__main__":
    run_main()
