"""What is trained, on what, and which part of the time is spent on arithmetic? Closed forms of data-parallel training.

A replica of the model is one satellite: it holds the whole model over its own accelerators, works on its part of the
batch, and takes part in an all-reduce of the gradients. Inside a satellite nothing is charged for exchange. The batch
stays what it is, so that more accelerators take less time for a step and the same or more for the exchange; and it ends
the matter, for a replica works on whole sequences: there are no more of them than sequences in the batch.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from planner.catalog import Catalog
from planner.errors import InputError, Problem

Collective = Literal["ring", "ring both ways", "tree", "hierarchical"]
"""How gradients are joined: around one ring, one way or both; up and down a tree; or rings within groups of about the
square root of all and one of their leaders (`embed_hierarchy`)."""

_COLLECTION: Final = "training_models"
_FIGURES: Final = ("parameters", "tokens_per_step", "tokens_per_sequence", "bytes_per_gradient")
_FLOPS_PER_PARAMETER: Final = 6.0


@dataclass(frozen=True)
class TrainingModel:
    """A model and how it is trained.

    Attributes
    ----------
    name
        What to call it; the catalog's name where it is from there.
    parameters
        Weights that every token passes through.
    tokens_per_step
        Tokens of the whole batch of a step.
    tokens_per_sequence
        Tokens of one sequence, which is not parted between replicas.
    bytes_per_gradient
        Bytes exchanged per weight at a synchronisation.
    bytes_per_state
        Bytes that a replica holds per weight: 16 for mixed precision with Adam are weights and gradients in 2 bytes,
        and a copy of the weights and two moments in 4 each (Rajbhandari et al., ZeRO, arXiv:1910.02054, section 3.1).
        Activations come on top.
    inner_steps
        Steps between synchronisations: 1 is plain data parallel; more is infrequent synchronisation as in DiLoCo
        (Douillard et al., arXiv:2311.08105), which changes what is learnt and was shown for up to 500.
    compression
        Factor by which the exchange is made smaller, 1 or more; what it does to learning is the user's affair.
    title
        What to call it in a headline; its name where nothing is given.

    Raises
    ------
    InputError
        If a number is not whole or below 1, or a sequence is longer than the batch; all at once.
    """

    name: str
    parameters: int
    tokens_per_step: int
    tokens_per_sequence: int
    bytes_per_gradient: int = 2
    bytes_per_state: int = 16
    inner_steps: int = 1
    compression: int = 1
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", self.title or self.name)
        place = f"training model {self.name}"
        counts = (*_FIGURES, "bytes_per_state", "inner_steps", "compression")
        wrong = [
            Problem(place, f"{name} is {getattr(self, name)!r}; a whole number of 1 or more is needed")
            for name in counts
            if not _counts(getattr(self, name))
        ]
        if not wrong and self.tokens_per_sequence > self.tokens_per_step:
            wrong.append(
                Problem(
                    place,
                    f"tokens_per_sequence is {self.tokens_per_sequence}, more than tokens_per_step, "
                    f"{self.tokens_per_step}; a batch of one sequence or more is needed",
                )
            )
        if wrong:
            raise InputError(wrong)

    @property
    def data_gb(self) -> float:
        """Gigabytes that each member puts into a synchronisation."""
        return self.parameters * self.bytes_per_gradient / self.compression / 1e9

    @property
    def state_gb(self) -> float:
        """Gigabytes of weights, gradients and optimiser that each replica holds; activations come on top."""
        return self.parameters * self.bytes_per_state / 1e9

    @property
    def most_replicas(self) -> int:
        """Replicas that the batch has a whole sequence for."""
        return self.tokens_per_step // self.tokens_per_sequence

    @classmethod
    def from_catalog(cls, catalog: Catalog, name: str) -> "TrainingModel":
        """Return a model of the catalog, trained with a synchronisation at every step; `CatalogError` if unknown."""
        entry = catalog.entry(_COLLECTION, name)
        parameters, step, sequence, gradient = (int(entry[figure]) for figure in _FIGURES)
        state = int(catalog.entry("training", "data_parallel")["bytes_per_state"])
        return cls(name, parameters, step, sequence, gradient, state, title=entry.title)


def _counts(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= 1


@dataclass(frozen=True)
class Accelerators:
    """What does the work.

    Attributes
    ----------
    per_satellite
        Accelerators of each satellite.
    peak_tflops
        Of one accelerator, dense, in the format trained in.
    mfu_fraction
        Part of the peak that the model's own arithmetic gets, exchange aside.
    memory_gb
        Of one accelerator; NaN where it is not known.

    Raises
    ------
    InputError
        If a number is not positive, the first not whole, or the part above 1.
    """

    per_satellite: int
    peak_tflops: float
    mfu_fraction: float
    memory_gb: float = float("nan")

    def __post_init__(self) -> None:
        if not (_counts(self.per_satellite) and 0.0 < self.peak_tflops < np.inf and 0.0 < self.mfu_fraction <= 1.0):
            raise InputError(
                Problem(
                    "accelerators",
                    f"{self.per_satellite} per satellite of {self.peak_tflops:g} TFLOP/s at {self.mfu_fraction:g}; "
                    "needed are a whole number of 1 or more, above 0, and above 0 up to 1",
                )
            )
        if self.memory_gb <= 0.0 or np.isinf(self.memory_gb):
            raise InputError(Problem("accelerators", f"memory_gb is {self.memory_gb:g}; above 0 is needed, or NaN"))


def memory_note(model: TrainingModel, accelerators: Accelerators) -> str:
    """Return what a satellite lacks to hold the model while training it; empty where it does or its memory is unknown.

    No refusal: state may be kept in the memory of the host or parted between satellites, which costs time that is not
    reckoned here.
    """
    there_gb = accelerators.per_satellite * accelerators.memory_gb
    if np.isnan(there_gb) or model.state_gb <= there_gb:
        return ""
    return (
        f"{model.title} needs {model.state_gb:,.0f} GB for weights, gradients and optimiser; the "
        f"{accelerators.per_satellite} accelerators of a satellite have {there_gb:,.0f} GB"
    )


def step_s(model: TrainingModel, accelerators: Accelerators, satellites: int) -> float:
    """Return the time of a step's arithmetic: ``6 · parameters · tokens / (N · F · MFU)``, N over all satellites.

    Notes
    -----
    Six operations per weight and token, forward and backward: Kaplan et al., Scaling laws for neural language models,
    arXiv:2001.08361, section 2.1.
    """
    rate = satellites * accelerators.per_satellite * accelerators.peak_tflops * 1e12 * accelerators.mfu_fraction
    return _FLOPS_PER_PARAMETER * model.parameters * model.tokens_per_step / rate


def efficiency_fraction(
    model: TrainingModel, compute_s: float, sync_s: float, *, overlap_fraction: float = 0.0
) -> float:
    """Return the part of the time spent on arithmetic: ``T_step / (T_step + max(0, T − overlap))``.

    Parameters
    ----------
    model
        Its `inner_steps` are worked off between two synchronisations.
    compute_s
        Time of one step, as `step_s`.
    sync_s
        Time of one synchronisation.
    overlap_fraction
        Part of the arithmetic between two synchronisations that can hide the exchange, 0 to 1: about two thirds where
        gradients are sent as the backward pass makes them; 0 waits for each exchange.

    Raises
    ------
    ValueError
        If `overlap_fraction` is not a part.
    """
    if not 0.0 <= overlap_fraction <= 1.0:
        raise ValueError(f"overlap_fraction: {overlap_fraction}, a part from 0 to 1 is needed")
    work = compute_s * model.inner_steps
    return work / (work + max(0.0, sync_s - overlap_fraction * work))
