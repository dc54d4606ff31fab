"""Single numbers without a scan, one group per file, found automatically."""
