"""Plain text and numbers in LaTeX."""

from __future__ import annotations

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "^": r"\^{}", "&": r"\&", "%": r"\%",
    "#": r"\#", "$": r"\$", "~": r"\~{}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
}  # fmt: skip


def escaped(text: str) -> str:
    """Return text in which nothing is a LaTeX command."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def latex_number(value: float) -> str:
    """Return a number with six digits as inline LaTeX."""
    text = f"{value:.6g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"\( {mantissa} \cdot 10^{{{int(exponent)}}} \)"
    return rf"\( {text} \)"
