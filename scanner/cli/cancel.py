"""``dipolescan cancel``."""

from scanner.cli._groups import QUEUE
from scanner.cli._queue import request_command

GROUP = QUEUE

command = request_command(
    "cancel", "Stop scans; what is finished is kept, and 'resume' goes on with the rest"
)
