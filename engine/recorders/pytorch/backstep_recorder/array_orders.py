"""Arrays of NumPy, and lists, that a script puts into an order drawn at random.

Nobody sees what becomes of an array before it is a tensor, but the source says it:
``X = X[order]``, or ``shuffle(X)``. Only what is plain to see counts: whatever else happens
to the array, or to the order, says that more is meant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple, Optional, Union

#: Calls that leave the rows of an array in their order.
_KEEPING = frozenset("astype copy reshape mean std min max float32 float64 asarray array len".split())
#: Words in a call that draws numbers: what is made of nothing else has no order to lose.
_DRAWS = frozenset("rand randn randint random normal uniform choice integers standard_normal".split())

Scope = Union[ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda]


class LoneOrder(NamedTuple):
    """An array whose rows were put into an order drawn at random."""

    #: The statement that did so.
    statement: ast.stmt
    #: Variables that were there before the order was drawn, and were left as they were.
    kept: tuple[str, ...]


class _Store(NamedTuple):
    line: int
    value: ast.expr
    statement: ast.stmt


def variable_of(call: Optional[ast.AST]) -> str:
    """The variable that a call makes a tensor of, perhaps by way of another dtype; else empty."""
    if not isinstance(call, ast.Call) or not call.args:
        return ""
    at = call.args[0]
    while isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute) and at.func.attr in _KEEPING:
        at = at.func.value
    return at.id if isinstance(at, ast.Name) else ""


def lone_order(scope: Scope, name: str, before: int) -> Optional[LoneOrder]:
    """How an array was put into an order of its own within a scope, before a line."""
    if isinstance(scope, ast.Lambda):
        return None
    stores = _stores_of(scope)
    found = _picked(scope, stores, name) or _shuffled(scope, name)
    if found is None:
        return None
    drawn, statement = found
    own = stores.get(name, [])
    # Two that were there together belong together; later ones may be made of the new order.
    if statement.lineno >= before or not own or own[0].line >= drawn:
        return None
    if any(one.line > statement.lineno and not _keeps_order(one.value) for one in own):
        return None
    given = _given_away(scope, drawn, before)
    kept = tuple(
        other
        for other, made in stores.items()
        if other != name and other not in given
        if all(one.line < drawn for one in made) and not _is_drawn(made[-1].value)
    )
    return LoneOrder(statement, kept)


def _picked(
    scope: Scope, stores: dict[str, list[_Store]], name: str
) -> Optional[tuple[int, ast.stmt]]:
    """``order = permutation(n)``, ``X = X[order]``, and no other use of that order."""
    for line, value, statement in stores.get(name, []):
        if not (isinstance(value, ast.Subscript) and _is_name(value.value, name)):
            continue
        # Up to Python 3.8 an index is wrapped.
        index = getattr(value.slice, "value", value.slice)
        if not isinstance(index, ast.Name):
            return None
        made = stores.get(index.id, [])
        if len(made) != 1 or made[0].line >= line or _called(made[0].value) != "permutation":
            return None
        uses = [one for one in ast.walk(scope) if _is_name(one, index.id)]
        return (made[0].line, statement) if len(uses) == 2 else None
    return None


def _shuffled(scope: Scope, name: str) -> Optional[tuple[int, ast.stmt]]:
    """``shuffle(X)``, and nothing else is shuffled: by one seed two arrays get one order."""
    calls = [one for one in ast.walk(scope) if isinstance(one, ast.Call) and _called(one) == "shuffle"]
    if len(calls) != 1 or len(calls[0].args) != 1 or not _is_name(calls[0].args[0], name):
        return None
    for statement in _statements_of(scope):
        if isinstance(statement, ast.Expr) and statement.value is calls[0]:
            return statement.lineno, statement
    return None


def _given_away(scope: Scope, since: int, until: int) -> set[str]:
    """Variables that calls for their own sake were given between two lines.

    Such calls may write into them.
    """
    calls = (
        statement.value
        for statement in _statements_of(scope)
        if isinstance(statement, ast.Expr) and since <= statement.lineno < until
    )
    return {
        part.id
        for call in calls
        if isinstance(call, ast.Call) and _called(call) != "print"
        for part in call.args
        if isinstance(part, ast.Name)
    }


def _stores_of(scope: Scope) -> dict[str, list[_Store]]:
    """What is assigned to each variable, in order; a loop's variable is assigned at every turn."""
    found: dict[str, list[_Store]] = {}
    for statement in _statements_of(scope):
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, (ast.AugAssign, ast.AnnAssign)) and statement.value is not None:
            targets, value = [statement.target], statement.value
        elif isinstance(statement, (ast.For, ast.AsyncFor)):
            targets, value = [statement.target], statement.iter
        else:
            continue
        for target in targets:
            for leaf in ast.walk(target):
                # What is written into is another array from there on.
                if isinstance(leaf, ast.Name):
                    found.setdefault(leaf.id, []).append(_Store(statement.lineno, value, statement))
    return {name: sorted(made, key=lambda one: one.line) for name, made in found.items()}


def _statements_of(scope: Scope) -> Iterator[ast.stmt]:
    """The statements of a scope, without those of functions and classes inside it."""
    stack: list[ast.AST] = list(ast.iter_child_nodes(scope))
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.stmt):
            yield node
        stack.extend(ast.iter_child_nodes(node))


def _is_name(node: Optional[ast.AST], name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _called(value: ast.AST) -> str:
    """The last word of what is called."""
    if not isinstance(value, ast.Call):
        return ""
    func = value.func
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _keeps_order(value: ast.expr) -> bool:
    calls = [_called(one) for one in ast.walk(value) if isinstance(one, ast.Call)]
    return all(one in _KEEPING for one in calls) and not any(
        isinstance(one, ast.Subscript) for one in ast.walk(value)
    )


def _is_drawn(value: ast.expr) -> bool:
    """Whether numbers are drawn, and of nothing that was there."""
    calls = [_called(one) for one in ast.walk(value) if isinstance(one, ast.Call)]
    return any(one in _DRAWS for one in calls) and not any(
        isinstance(one, (ast.Compare, ast.BinOp, ast.Subscript)) for one in ast.walk(value)
    )
