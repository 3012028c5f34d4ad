"""The names of the archived package lifetimes 0.11.3 over `clv`: change `from lifetimes import` to `from clv.lifetimes import`.

Fits and predictions are computed by the engine of `clv`; what differs is in docs/lifetimes.md. New work is better served by
`clv` itself, which reads files, knows calendars and says how far its numbers can be relied on.
"""

from . import fitters
from .base import BaseFitter
from .beta_geo import BetaGeoFitter, ModifiedBetaGeoFitter
from .beta_geo_beta_binom import BetaGeoBetaBinomFitter
from .gamma_gamma import GammaGammaFitter
from .pareto_nbd import ParetoNBDFitter

# Of the package whose names these are.
__version__ = "0.11.3"

__all__ = [
    "BaseFitter",
    "BetaGeoBetaBinomFitter",
    "BetaGeoFitter",
    "GammaGammaFitter",
    "ModifiedBetaGeoFitter",
    "ParetoNBDFitter",
    "__version__",
    "fitters",
]
