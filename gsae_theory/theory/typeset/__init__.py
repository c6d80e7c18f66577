"""Theorems as LaTeX: expressions, their lines, the words around them, whole statements."""
