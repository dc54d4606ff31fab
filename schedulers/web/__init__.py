"""A page and metrics of the service, to read only; nothing that goes wrong here reaches the service."""
