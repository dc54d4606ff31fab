"""Kinds of searches: what their files hold and how their events are counted; one per file, found automatically."""
