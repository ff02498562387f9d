"""The moves that exist, written down a second time, so that a product whose own table is wrong is caught by it. See docs/glossary.md and page names there."""

_STEP = """>ready ready>waiting_approval ready>claimed ready>succeeded ready>failed ready>denied ready>withdrawn ready>dropped waiting_approval>ready
waiting_approval>succeeded waiting_approval>denied waiting_approval>expired waiting_approval>withdrawn waiting_approval>dropped claimed>succeeded
claimed>failed claimed>unknown claimed>ready unknown>succeeded unknown>failed unknown>ready"""
_EFFECT = """>claimed ready>claimed ready>succeeded ready>failed claimed>succeeded claimed>failed claimed>unknown claimed>ready unknown>succeeded
unknown>failed unknown>ready succeeded>compensated"""
_RUN = ">awaiting_plan awaiting_plan>running awaiting_plan>stopping running>awaiting_plan running>stopping stopping>stopped"


def _moves(text):
    return {tuple(move.split(">")) for move in text.split()}


MOVES = {"step": _moves(_STEP), "effect": _moves(_EFFECT), "run": _moves(_RUN)}
FINAL = {"step": ["succeeded", "failed", "denied", "expired", "withdrawn", "dropped"], "desk": ["denied", "changes_requested", "expired", "withdrawn", "consumed"]}
