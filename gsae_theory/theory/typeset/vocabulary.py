"""What the plain text of statements calls its symbols, and the LaTeX of these names."""

from __future__ import annotations

import re
from functools import lru_cache

from gsae_theory.theory.symbols import TABLE

GREEK = {
    name: f"\\{name}"
    for name in (
        "alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "rho",
        "sigma", "tau", "phi", "chi", "psi", "omega", "ell", "Delta", "Phi", "Psi", "Lambda", "Xi", "Omega",
        "Gamma", "Theta", "Pi", "Sigma", "pi",
    )
}  # fmt: skip
GREEK |= {"eps": r"\varepsilon", "epsilon": r"\epsilon", "lam": r"\lambda", "kap": r"\kappa", "om": r"\omega"}
NAMES = {
    **GREEK, "inf": r"\infty", "perp": r"\perp", "grad": r"\nabla", "dist": r"\operatorname{dist}",
    "Lip": r"\mathrm{Lip}", "rhobar": r"\bar\varrho", "jbar": r"\bar\jmath", "fro": "F", "sm": r"\sqrt{m_2/d}",
    "G": r"\Gamma", "l": r"\ell", "dw": "dw", "IP": "IP",
}  # fmt: skip
"""Names that are mathematics wherever they stand."""
FUNCTIONS = {
    "sqrt": r"\sqrt", "max": r"\max", "min": r"\min", "exp": r"\exp", "log": r"\log", "limsup": r"\limsup",
    "liminf": r"\liminf", "lim": r"\lim", "sum": r"\sum", "tr": r"\operatorname{tr}",
    "spec": r"\operatorname{spec}", "Var": r"\operatorname{Var}", "ST": r"\mathrm{ST}",
}  # fmt: skip
"""Names that are mathematics before an argument, and words otherwise."""
SUBSCRIPTS = {
    "max": r"\max", "min": r"\min", "op": r"\mathrm{op}", "inf": r"\infty", "ST": r"\mathrm{ST}",
    "ReLU": r"\mathrm{ReLU}", "sp": r"\mathrm{sp}", "slow": r"\mathrm{slow}", "opt": r"\mathrm{opt}",
    "perp": r"\perp", "delta": r"\delta", "tau": r"\tau", "mu": r"\mu", "chi": r"\chi", "ij": "ij",
    "leak": r"\mathrm{leak}", "cluster": r"\mathrm{cl}", "bar": r"\mathrm{bar}", "lo": r"\mathrm{lo}",
}  # fmt: skip
"""Subscripts of more than one letter."""
LABEL = "|".join((
    r"(?<![A-Za-z_*])\((?:S'?|H\d?'?|C|K1[ab]|i{1,3}|iv|v|vi|b|\d\.\d)\)(?!\w)",
    r"(?<!\w)[TS]\d\.\d\w?(?!\w)",
    r"(?<!\w)K1[ab](?!\w)",
    r"gamma1(?= Theorem)",
))  # fmt: skip
"""Names of hypotheses and theorems: words, whatever they look like."""


@lru_cache(maxsize=1)
def table_names() -> re.Pattern[str]:
    """Return a pattern for the code's names that no word can be mistaken for: with a digit or an underscore."""
    found = sorted((name for name in TABLE if re.search(r"[_\d]", name)), key=len, reverse=True)
    return re.compile(rf"({'|'.join(found)})(?![A-Za-z0-9_])")
