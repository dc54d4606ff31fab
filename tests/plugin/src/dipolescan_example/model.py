"""A model with two axes: g^2 m events."""

from physics.models.model import Axis, Model, models

models.add(
    Model(
        tag="toy",
        title="a toy with a coupling",
        source="arXiv:0000.00000",
        complete_options=dict,
        axes=(
            Axis("m_X", "$m_X$", "GeV", "mass", accepted_units={"GeV": 1.0}, trial=(1.0, 2.0)),
            Axis("g", "$g$", "", "coupling", trial=(1e-3, 2e-3, 1.0)),
        ),
    )
)
