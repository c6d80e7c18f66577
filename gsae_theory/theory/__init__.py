"""What is claimed: assumptions, quantities and theorems as SymPy objects. Never imports a run."""
