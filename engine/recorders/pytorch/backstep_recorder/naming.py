"""Names of a tape's rows and of the module calls that they were made in."""

from __future__ import annotations

from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType
from typing import Any, NamedTuple, Optional

from torch.nn import Module

from .ops import KEY, Op, Scope, Slot
from .sites import CallSite
from .sources import resolve
from .tape import OUTPUT, Kind, Row, Tape


class NamedScope(NamedTuple):
    """A module's or composite function's call, as the engine's ``RecordedScope``."""

    parent: int
    kind: str
    name: str
    type: str
    path: str
    call: int


class Names:
    """Gives every row of a tape its scope and label."""

    def __init__(self, tape: Tape) -> None:
        self.scopes: list[NamedScope] = []
        #: The module of each of them; None of functions.
        self.modules: list[Optional[Module]] = []
        self._numbers: dict[Scope, int] = {}
        self._paths: dict[int, dict[int, str]] = {}
        self._calls: dict[int, int] = {}
        #: Paths of parameters by the id of their tensor.
        self.parameters: dict[int, str] = {}
        self._name_scopes(tape)
        self._name_rows(tape)

    def _path_of(self, scope: Scope) -> str:
        root = scope
        while root.parent is not None:
            root = root.parent
        names = self._paths.get(id(root.module))
        if names is None:
            modules = reversed(list(root.module.named_modules()))
            names = self._paths[id(root.module)] = {id(module): name for name, module in modules}
            for name, parameter in root.module.named_parameters():
                self.parameters.setdefault(id(parameter), name)
        return names.get(id(scope.module), "")

    def _number_of(self, scope: Optional[Scope]) -> int:
        if scope is None:
            return -1
        if scope not in self._numbers:
            parent, path = self._number_of(scope.parent), self._path_of(scope)
            call = self._calls[id(scope.module)] = self._calls.get(id(scope.module), -1) + 1
            kind = type(scope.module).__name__
            self._numbers[scope] = len(self.scopes)
            self.modules.append(scope.module)
            self.scopes.append(
                NamedScope(parent, "module", path.rsplit(".", 1)[-1] or kind, kind, path, call)
            )
        return self._numbers[scope]

    def _name_scopes(self, tape: Tape) -> None:
        runs: dict[Any, int] = {}
        for before, row, after in _neighbours(tape.rows):
            if row.name == OUTPUT or row.op is None:
                continue
            row.scope = self._number_of(row.op.scope)
            composite = row.op.site.composite if row.op.site else None
            if composite is None or row.op.site is None:
                continue
            if not (_together(before, row) or _together(after, row)):
                continue
            # A function of torch.nn.functional that is made of several ops.
            key = (row.op.scope, id(row.op.site.code), row.op.site.lasti, id(composite))
            if not _together(before, row):
                runs[key] = len(self.scopes)
                outer = (
                    self.scopes[row.scope].path + "."
                    if row.scope >= 0 and self.scopes[row.scope].path
                    else ""
                )
                name = composite.co_name
                self.modules.append(None)
                self.scopes.append(NamedScope(row.scope, "function", name, name, outer + name, 0))
            row.scope = runs.get(key, row.scope)
        for row in tape.rows:
            if row.name == OUTPUT:
                row.scope = row.sources[0].scope

    def _name_rows(self, tape: Tape) -> None:
        following = _following_ops(tape.rows)
        last: Optional[Op] = None
        for row in tape.rows:
            op = row.op
            if op is None or op.site is None:
                continue
            source, place = resolve(op.site.code, op.site.lasti)
            if op is not last:
                ends = op.site.direct or _ends_call(op, following.get(row.number))
            last = op
            if ends and row.name != "view" and row.value is not None:
                outputs = sum(len(node.metadata.get(KEY, (None, ()))[1]) for node in row.nodes)
                row.label = source.label(place, row.output, 2 if row.name == OUTPUT else outputs)
            if row.name == OUTPUT:
                continue
            # What losses bring to one shape first stands in their call as it stands here.
            places = op.args[0] if op.name == "broadcast_tensors" else op.args
            for argument, given in (*enumerate(places), *op.kwargs.items()):
                if isinstance(given, Slot) and given < len(row.sources):
                    leaf = row.sources[given]
                    if not leaf.computed and not leaf.label:
                        leaf.label = source.argument(place, argument, is_method(op))
        for row in tape.rows:
            if row.kind == Kind.PARAMETER and (name := self.parameters.get(id(row.leaf))):
                row.label = name


def is_method(op: Op) -> bool:
    """Whether the script called it on its first argument, and not as ``torch.sin(x)``."""
    if op.site is None or not op.site.direct or op.function is not None:
        return False
    return not isinstance(op.func, BuiltinFunctionType)


def _together(other: Optional[Row], row: Row) -> bool:
    """Whether two ops were made by one call of one composite function."""
    if (
        other is None
        or other.op is None
        or row.op is None
        or other.op.site is None
        or row.op.site is None
    ):
        return False
    return other.op.scope is row.op.scope and other.op.site[:3] == row.op.site[:3]


def _neighbours(rows: list[Row]) -> Iterator[tuple[Optional[Row], Row, Optional[Row]]]:
    ops: list[Row] = [row for row in rows if row.op is not None]
    return zip([None, *ops], ops, [*ops[1:], None])


def _following_ops(rows: list[Row]) -> dict[int, Op]:
    """The next other op after each row, by the row's number."""
    found: dict[int, Op] = {}
    following: Optional[Op] = None
    current: Optional[Op] = None
    for row in reversed(rows):
        if row.op is None:
            continue
        if row.op is not current:
            following, current = current, row.op
        if following is not None:
            found[row.number] = following
    return found


def _ends_call(op: Op, following: Optional[Op]) -> bool:
    """Whether an op gives the result of its call in the script.

    The last of those that the call made.
    """
    if following is None or following.site is None or op.site is None:
        return True
    if _instruction(following.site) != _instruction(op.site):
        return True
    return _call_of(following) is not _call_of(op)


def _instruction(site: CallSite) -> tuple[CodeType, int]:
    return site.code, site.lasti


def _call_of(op: Op) -> Optional[Scope]:
    """The scope of the call, at the op's site, that the op was made in."""
    inner, scope = None, op.scope
    while scope is not None and op.site is not None:
        forward = getattr(type(scope.module), "forward", None)
        if getattr(forward, "__code__", None) is op.site.code:
            return inner
        inner, scope = scope, scope.parent
    return inner
