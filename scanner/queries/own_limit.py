"""One limit of the user's as ``limits.yaml`` states it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Entry(BaseModel):
    """One limit of ``limits.yaml``."""

    model_config = ConfigDict(extra="forbid")

    file: str
    name: str
    model: str
    units: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    closed: bool | None = None
    confidence_level: float | str = "unstated"
    source: str = ""
    applies: dict[str, list[Any]] = Field(default_factory=dict)
