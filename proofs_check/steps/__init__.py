"""The steps, one function per ledger id; `proofs_check.core.load` imports every module here."""
