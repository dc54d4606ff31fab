"""``dipolescan retry``."""

from scanner.cli._groups import QUEUE
from scanner.cli._queue import request_command

GROUP = QUEUE

command = request_command("retry", "Try the failed blocks of scans again")
