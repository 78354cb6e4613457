"""Records the backward passes of an unmodified PyTorch script for the Backstep debugger.

Run as ``python -m backstep_recorder SCRIPT ARGS``, or with ``-m MODULE ARGS``.
"""

#: What this package and the engine must agree on.
PROTOCOL = 1
