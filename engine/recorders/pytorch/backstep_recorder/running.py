"""Sets the recorder up, runs the script, and ends as it ended."""

from __future__ import annotations

import gc
import os
import sys
import time
from typing import Any, Optional

import torch

from . import PROTOCOL, engine, parent, patches, program_patches
from .channel import Channel, EngineGone
from .first_numbers import generator_states, restore_generators
from .launch import failure_of, run_module, run_script, show, thrown_by_us
from .recorder import start
from .session import Session, leave
from .texts import put_in_place

#: How many objects are made of a call that is noted for each that the script makes itself, about.
_OBJECTS = 20


def run(port: int, token: str, command: list[str]) -> None:
    """Runs ``[-m] NAME ARGS…`` under the engine that listens at a port."""
    parent.die_with_it()
    try:
        channel = Channel(port)
        hello = {"event": "hello", "token": token, "protocol": PROTOCOL, "pid": os.getpid()}
        ranked = _rank()
        if ranked is not None:
            hello = {**hello, "rank": {**ranked, "began": time.time()}}
        channel.write({**hello, "python": sys.version.split()[0], "torch": torch.__version__})
        settings, _ = channel.read()
    except (OSError, EngineGone):
        leave()
        return
    if settings.get("seed") is not None:
        torch.manual_seed(settings["seed"])
    put_in_place(settings.get("texts", []))
    _force_eager(channel)
    _begin_with_the_same_numbers(channel, settings)
    session = Session(channel, settings)
    patches.install(session.book, session.ranks)
    if session.book is not None:
        program_patches.follow(session.book)
    engine.install(session)
    start()
    os.register_at_fork(after_in_child=session.forked)
    _collect_as_without_us()
    session.begin(settings.get("breakpoints", []))
    _run_to_its_end(session, command)


def _begin_with_the_same_numbers(channel: Channel, settings: dict[str, Any]) -> None:
    """Draws what an earlier run has drawn, or says where this one begins, so that a later can."""
    if not settings.get("log"):
        return
    again = settings.get("again")
    if again is not None:
        restore_generators(again["random"])
        return
    try:
        channel.write({"event": "began", "random": generator_states()})
    except EngineGone:
        leave()


def _rank() -> Optional[dict[str, Any]]:
    """Which rank this process is, of how many, and of which run, by the variables that torchrun sets."""
    try:
        rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    except (KeyError, ValueError):
        return None
    if world < 2:
        return None
    met = [os.environ.get(name, "") for name in ("MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID")]
    return {"rank": rank, "ranks": world, "run": " ".join(met)}


def _collect_as_without_us() -> None:
    """What is noted of an op are some twenty objects, which count for Python's collector of cycles.

    It would run as many times as often as the script's own objects ask for.
    """
    young, middle, old = gc.get_threshold()
    if young > 0:
        gc.set_threshold(_OBJECTS * young, middle, old)


def _force_eager(channel: Channel) -> None:
    """``torch.compile`` would trace our hooks.

    What it is given is run as it is, and the engine says so.
    """
    compile_: Any = getattr(torch, "compile", None)
    if compile_ is None:
        return
    said = False

    def eager(model: Any = None, *args: Any, **kwargs: Any) -> Any:
        nonlocal said
        if not said:
            said = True
            text = "torch.compile is left out while Backstep records: the model runs in eager mode"
            channel.write({"event": "note", "text": text})
        if model is None:
            return lambda wrapped: eager(wrapped)
        return model

    setattr(torch, "compile", eager)


def _run_to_its_end(session: Session, command: list[str]) -> None:
    failure, status, replaced = None, 0, []
    try:
        if command[0] == "-m":
            run_module(command[1], command[2:])
        else:
            run_script(command[0], command[1:])
    except SystemExit as end:
        status = _status_of(end)
    except KeyboardInterrupt as error:
        session.finish(failure_of(error), 130)
        show(error)
        # The engine has said where it came from; Python would show our frames besides.
        sys.excepthook = lambda *_: None
        raise
    except BaseException as error:  # noqa: BLE001 - told to the engine
        failure, status = failure_of(error), 1
        if isinstance(error, (TypeError, AttributeError, NameError)):
            replaced = session.replaced(unusable=not thrown_by_us(error))
        show(error)
    session.finish(failure, status, replaced)
    raise SystemExit(status)


def _status_of(end: SystemExit) -> int:
    """As Python has it: what is no number is printed."""
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    try:
        print(end.code, file=sys.stderr)
    except Exception:  # noqa: BLE001 - what cannot be printed is no fault of whoever prints it
        pass
    return 1
