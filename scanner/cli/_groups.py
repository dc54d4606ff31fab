"""The groups in which ``dipolescan --help`` lists the commands."""

from __future__ import annotations

from collections.abc import Mapping

# a module of a command names its group as GROUP
SCAN, QUEUE, QUERY, INFORM = "scan", "queue", "query", "inform"
TITLES = {
    SCAN: "Scan: what goes into a scan, what it costs, and running it",
    QUEUE: "Queue: scans that wait for a service",
    QUERY: "Query: what a finished or unfinished cube says",
    INFORM: "Inform: what there is, single numbers, and where they are from",
}
REST = "Further commands"


def grouped(groups: Mapping[str, str]) -> dict[str, list[str]]:
    """Names of commands under the title of their group, in the order of the groups.

    Parameters
    ----------
    groups : mapping
        Name of a command to its group.

    >>> grouped({"plan": "scan", "mine": "", "calc": "inform"})[REST]
    ['mine']
    """
    titled = {**TITLES, "": REST}
    found = {
        title: [name for name, group in groups.items() if titled.get(group, REST) == title]
        for title in titled.values()
    }
    return {title: names for title, names in found.items() if names}
