"""``python -m backstep_recorder [-m] SCRIPT ARGS``, started by the engine.

This file, and it alone, must be understood by every Python 3: it says what is missing.
"""

import os
import sys

#: Exit status when the script could not be run at all.
UNFIT = 72


def refuse(reason, text):
    """Says why the script cannot be run in a way that the engine can read, and ends."""
    sys.stderr.write("backstep: " + reason + ": " + text + "\n")
    sys.stderr.flush()
    os._exit(UNFIT)


def main():
    """Takes the engine's settings from the environment, which the script then sees as it was."""
    if sys.version_info < (3, 9):
        refuse("python", "Python %d.%d" % sys.version_info[:2])
    port = os.environ.pop("BACKSTEP_PORT", None)
    token = os.environ.pop("BACKSTEP_TOKEN", None)
    if port is None or token is None:
        refuse("engine", "this is started by Backstep, not by hand")
    if "," in port:
        # Each of several ranks that torchrun starts has its own.
        place = int(os.environ.get("LOCAL_RANK", "0"))
        port, token = port.split(",")[place], token.split(",")[place]
    for name in ("PYTHONPATH", "PYTHONUNBUFFERED", "PYTHON_EXEC", "PYTHONHASHSEED"):
        outer = os.environ.pop("BACKSTEP_OUTER_" + name, None)
        if outer is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = outer
    # What is ours is found from now on without being on the script's path.
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [sys.path[0]] + [entry for entry in sys.path[1:] if os.path.abspath(entry) != own]
    try:
        import torch
    except Exception as error:
        refuse("torch", "%s: %s" % (type(error).__name__, error))
    version = tuple(
        int("".join(c for c in part if c.isdigit()) or 0)
        for part in torch.__version__.split(".")[:2]
    )
    if version < (1, 13):
        refuse("torch", "torch %s" % torch.__version__)

    from backstep_recorder import own_builtins

    own_builtins.install()
    from backstep_recorder.running import run

    run(int(port), token, sys.argv[1:])


main()
