"""``dipolescan retry``."""

from scanner.cli._queue import request_command

command = request_command("retry", "Try the failed blocks of scans again")
