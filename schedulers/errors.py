"""Errors of clusters, queue and runner, each one clear sentence."""


class ClusterError(Exception):
    """A cluster that cannot be reached or used: what is wrong and what to do."""


class LostClusterError(ClusterError):
    """A cluster that was there and is gone; nothing that is finished is lost with it."""


class QueueError(Exception):
    """A queue, a request or a scan in it that is not as it must be."""


class NotYetError(Exception):
    """A scan that cannot be opened now, but later."""


class LedgerError(QueueError):
    """The ledger cannot be read or written now; it may be possible later."""


class BusyLedgerError(LedgerError):
    """Another process holds the ledger just now."""


class DamagedLedgerError(LedgerError):
    """The ledger file is damaged."""


class DeadlyBlockError(Exception):
    """A block that is set aside because workers die of it."""


class FencedError(Exception):
    """Another runner has taken the queue over: this one may write nothing more."""
