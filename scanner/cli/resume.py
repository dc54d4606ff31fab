"""``dipolescan resume``."""

from scanner.cli._groups import QUEUE
from scanner.cli._queue import request_command

GROUP = QUEUE

command = request_command("resume", "Go on with scans that were cancelled or have failed")
