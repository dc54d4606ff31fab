"""A limit method: twice a number of events."""


class _Twice:
    tag = "twice"
    title = "twice a number of events"
    source = "arXiv:0000.00000"
    defaults = {"events": 3.0}  # noqa: RUF012
    needs_events = False
    reads_observed = False
    of_observation = frozenset()

    @staticmethod
    def critical_signal(observation, events=3.0):
        """Twice the number."""
        return 2 * events


Twice = _Twice()
