"""The places at which lifetimes keeps its fitters: `clv.lifetimes.fitters.beta_geo_fitter`, and so on."""

import sys
from types import ModuleType

from .base import BaseFitter
from .beta_geo import BetaGeoFitter, ModifiedBetaGeoFitter
from .beta_geo_beta_binom import BetaGeoBetaBinomFitter
from .gamma_gamma import GammaGammaFitter
from .pareto_nbd import ParetoNBDFitter

__all__ = [
    "BaseFitter",
    "beta_geo_beta_binom_fitter",
    "beta_geo_fitter",
    "gamma_gamma_fitter",
    "modified_beta_geo_fitter",
    "pareto_nbd_fitter",
]


def _place(name: str, fitter: type[BaseFitter]) -> ModuleType:
    """A module that has a fitter, and is found by imports."""
    module = ModuleType(f"{__name__}.{name}", fitter.__doc__)
    setattr(module, fitter.__name__, fitter)
    sys.modules[module.__name__] = module
    return module


beta_geo_beta_binom_fitter = _place("beta_geo_beta_binom_fitter", BetaGeoBetaBinomFitter)
beta_geo_fitter = _place("beta_geo_fitter", BetaGeoFitter)
gamma_gamma_fitter = _place("gamma_gamma_fitter", GammaGammaFitter)
modified_beta_geo_fitter = _place("modified_beta_geo_fitter", ModifiedBetaGeoFitter)
pareto_nbd_fitter = _place("pareto_nbd_fitter", ParetoNBDFitter)
