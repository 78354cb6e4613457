"""Writes every fixture of the parity oracle.  See README.md.

/usr/bin/python3 test/oracle/generate.py            all of them
/usr/bin/python3 test/oracle/generate.py losses     one family, "models" or "cli"
"""

import importlib
import sys
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures"

FAMILIES = [
    "creation",
    "elementwise",
    "inplace",
    "reductions",
    "matrices",
    "shapes",
    "indexing",
    "layers",
    "volumes",
    "derived",
    "losses",
    "autograd",
    "functions",
    "modules",
    "sequences",
    "optim",
    "large",
    "beyond",
    "linalg",
    "distributions",
    "names",
    "further",
    "programs",
    "refused_shapes",
    "refused_indices",
    "refused_layers",
    "refused_options",
    "refused_autograd",
]


def main(wanted):
    from write import write_cases

    FIXTURES.mkdir(exist_ok=True)
    total = 0
    for name in FAMILIES:
        if wanted and name not in wanted:
            continue
        family = importlib.import_module(f"cases_{name}").family
        path = FIXTURES / f"{name}.json"
        write_cases(path, family.records)
        total += len(family.records)
        print(f"{name:12} {len(family.records):5} cases {path.stat().st_size / 1e6:6.2f} MB")
    print(f"{'in all':12} {total:5} cases")
    if not wanted or "models" in wanted:
        from models import write_models

        write_models(HERE / "models")
    if not wanted or "cli" in wanted:
        from cli_models import write_cli_models
        from cli_refused import write_refused_models

        write_cli_models(HERE / "cli")
        write_refused_models(HERE / "cli")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.dont_write_bytecode = True
    warnings.filterwarnings("ignore")  # PyTorch warns of broadcasting losses, 1.13 of its own renamings
    main(set(sys.argv[1:]))
