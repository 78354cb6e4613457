"""The tape: rows in forward order, made once of a pass that has ended.

A row is an op, an output of an op that has several, a leaf, or a constant; a node of autograd
belongs to the row of the op that made it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Optional

import torch

from .ops import KEY, Given, Op, ParticularOp
from .passes import Pass
from .totals import total
from .values import Keeper, Value

Tensor = torch.Tensor
#: A node, and which of its outputs.
Target = tuple[Any, int]

#: What the row of one of several outputs is called.
OUTPUT = "output"


class Kind(IntEnum):
    """As the engine's ``NodeKind`` has them."""

    OP = 0
    FUNCTION = 1
    PARAMETER = 2
    CONSTANT = 3


class Row:
    """One row of the tape."""

    __slots__ = (
        "kind",
        "op",
        "nodes",
        "name",
        "sources",
        "passed",
        "value",
        "gradient",
        "ran",
        "label",
        "output",
        "scope",
        "leaf",
        "number",
    )

    def __init__(
        self, kind: Kind, name: str, op: Optional[Op] = None, nodes: Sequence[Any] = ()
    ) -> None:
        self.kind, self.name, self.op, self.nodes = kind, name, op, nodes
        #: The rows that it reads, and what it passed back to each.
        self.sources: list[Row] = []
        self.passed: list[Optional[Tensor]] = []
        self.value: Optional[Value] = None
        self.gradient: Optional[Tensor] = None
        #: Whether it took part in the backward pass.
        self.ran = False
        self.label = ""
        #: Which of its op's outputs it is.
        self.output = 0
        self.scope = -1
        #: The tensor that requires a gradient, of a parameter.
        self.leaf: Optional[Tensor] = None
        self.number = -1

    @property
    def computed(self) -> bool:
        """Whether it is no leaf."""
        return self.kind < Kind.PARAMETER

    @property
    def runnable(self) -> bool:
        """Whether it is an op that can be run again by itself."""
        return (
            self.computed
            and self.name != OUTPUT
            and self.op is not None
            and self.op.func is not None
        )


def _owner_of(node: Any, claims: list[Any]) -> Any:
    """The unit of a node that no call has left its op in; itself where nobody claims it."""
    ops = [claim for claim in claims if isinstance(claim, Op)]
    if hasattr(node, "variable") or not ops:
        return node
    if len(claims) == 1:
        return ops[0]
    # Several ops share it, as the transpose of a weight in a double backward: it comes before them.
    first = min(ops, key=lambda op: op.seq)
    op = ParticularOp(first.seq - 0.25, re.sub(r"Backward\d*$", "", node.name()).lower())
    op.site, op.scope, op.stack = first.site, first.scope, first.stack
    return op


class Tape:
    """A pass as rows and edges."""

    def __init__(self, record: Pass, leaves: Keeper) -> None:
        """``leaves``: values of leaves, as they were when the pass ended."""
        self.record = record
        self._leaf_values = leaves
        self.rows: list[Row] = []
        self._place: dict[Target, Row] = {}
        self._leaf_nodes = {
            id(node.variable): node for node in record.nodes if hasattr(node, "variable")
        }
        self._leaves: dict[int, Row] = {}
        self._constants: dict[Any, Row] = {}
        #: Outputs of nodes that only other nodes of the same op read.
        self._within: set[Target] = set()
        units = self._units()
        self._unit_of = {node: unit for unit, nodes in units.items() for node in nodes}
        self._add_rows(units)
        self._add_gradients()
        for number, row in enumerate(self.rows):
            row.number = number
        ran = {node: step for step, node in enumerate(record.order)}
        first = [
            (min((ran[node] for node in row.nodes if node in ran), default=-1), row.number)
            for row in self.rows
            if row.computed and row.ran
        ]
        self.backward_order = [number for _, number in sorted(first)]
        self._passed = [passed for row in self.rows for passed in row.passed]

    def passed_along(self, edge: int) -> Optional[Tensor]:
        """What was passed back along an edge; edges count through the rows."""
        return self._passed[edge] if edge < len(self._passed) else None

    def roots(self) -> list[int]:
        """The rows that the pass started from."""
        found = []
        for root in self.record.roots:
            if root.grad_fn is not None:
                found.append(self._place[root.grad_fn, root.output_nr].number)
            elif id(root) in self._leaves:
                found.append(self._leaves[id(root)].number)
        return found

    def _units(self) -> dict[Any, list[Any]]:
        """Which nodes make one row together: those of one op.

        A node without an op of its own belongs to the op whose result it is behind, before that
        op's inputs; when it is behind several, or none, it is a row by itself.
        """
        claims: dict[Any, list[Any]] = {}
        units: dict[Any, list[Any]] = {}
        for node in self.record.nodes:  # Consumers come first.
            made = node.metadata.get(KEY)
            if made is not None:
                unit = made[0]
            else:
                unit = _owner_of(node, claims.get(node, []))
            units.setdefault(unit, []).append(node)
            known = {given.node for given in unit.inputs} if isinstance(unit, Op) else set()
            for after, _ in node.next_functions:
                if after is None:
                    continue
                claimed = node if after in known else unit
                found = claims.setdefault(after, [])
                if claimed not in found:
                    found.append(claimed)
        return units

    def _add_rows(self, units: dict[Any, list[Any]]) -> None:
        order: dict[Any, float] = {}
        for node in reversed(self.record.nodes):  # Inputs come first.
            unit = self._unit_of[node]
            if isinstance(unit, Op):
                order[unit] = unit.seq
            else:
                behind = [
                    order.get(self._unit_of[after], 0.0)
                    for after, _ in node.next_functions
                    if after is not None
                ]
                order[unit] = max(behind, default=0.0) + 1e-6
        wanted: dict[Any, dict[Target, None]] = {}
        for node in self.record.nodes:
            for after, output in node.next_functions:
                if after is not None and self._unit_of[after] is not self._unit_of[node]:
                    wanted.setdefault(self._unit_of[after], {})[after, output] = None
        for root in self.record.roots:
            if root.grad_fn is not None:
                wanted.setdefault(self._unit_of[root.grad_fn], {})[root.grad_fn, root.output_nr] = (
                    None
                )
        computed = [unit for unit in units if not hasattr(unit, "variable")]
        for unit in sorted(computed, key=lambda unit: order[unit]):
            self._add_row(unit, units[unit], list(wanted.get(unit, ())))
        for root in self.record.roots:
            if root.grad_fn is None and root.requires_grad:
                self._leaf(root)

    def _add_row(self, unit: Any, nodes: list[Any], outputs: list[Target]) -> None:
        op = unit if isinstance(unit, Op) else None
        made: dict[Target, Value] = {
            (node, output): value
            for node in nodes
            for output, value in node.metadata.get(KEY, (None, {}))[1].items()
        }
        places = list(made)
        kind = Kind.FUNCTION if op is not None and op.function is not None else Kind.OP
        row = Row(kind, op.name if op is not None else nodes[0].name(), op, nodes)
        row.ran = any(node in self.record.given for node in nodes)
        self._add_inputs(row, op, nodes)
        self.rows.append(row)
        if len(outputs) <= 1:
            only = outputs[0] if outputs else None
            row.value = made.get(only) if only is not None else None
            row.output = places.index(only) if only in made else 0
            for target in outputs or places:
                self._place[target] = row
            return
        for index, target in enumerate(sorted(outputs, key=lambda target: target[1])):
            part = Row(Kind.OP, OUTPUT, op, target[:1])
            part.value = made.get(target)
            part.sources, part.passed, part.ran = [row], [None], row.ran
            part.output = places.index(target) if target in made else index
            self.rows.append(part)
            self._place[target] = part

    def _add_inputs(self, row: Row, op: Optional[Op], nodes: list[Any]) -> None:
        passed: dict[Target, list[Optional[Tensor]]] = {}
        own = self._unit_of[nodes[0]]
        for node in nodes:
            results = self.record.passed.get(node, ())
            for (after, output), result in itertools.zip_longest(
                node.next_functions, results, fillvalue=None
            ):
                if after is None:
                    continue
                if self._unit_of[after] is own:
                    self._within.add((after, output))
                else:
                    passed.setdefault((after, output), []).append(
                        self._aligned(result, after, output)
                    )
        given_inputs = op.inputs if op is not None else []
        targets = [self._target(given) for given in given_inputs]
        for target, given in zip(targets, given_inputs):
            found = passed.get(target) if target is not None else None
            result = None
            if found and target is not None:
                if targets.count(target) == len(found):
                    result = found.pop(0)
                else:
                    result = total(found)
                    found.clear()
                if not found:
                    del passed[target]
            row.sources.append(self._row_at(target, given))
            row.passed.append(result)
        for target, rest in passed.items():
            row.sources.append(self._row_at(target, Given(*target, None)))
            row.passed.append(total(rest))

    def _target(self, given: Given) -> Optional[Target]:
        if given.node is not None:
            return given.node, given.output
        if isinstance(given.payload, Tensor) and id(given.payload) in self._leaf_nodes:
            return self._leaf_nodes[id(given.payload)], given.output
        return None

    def _aligned(self, result: Optional[Tensor], node: Any, output: int) -> Optional[Tensor]:
        """A hook sees what a node returns.

        Only then does the engine sum it over the axes that were broadcast.
        """
        if result is None or result.layout is not torch.strided:
            return result
        given, made = self.record.given.get(node, ()), node.metadata.get(KEY)
        like: Optional[Tensor] = None
        if output < len(given):
            like = given[output]
        if like is None and made is None:
            like = getattr(node, "variable", None)
        elif like is None and made is not None and output in made[1]:
            like = made[1][output].data
        if like is None or (like.shape == result.shape and like.dtype == result.dtype):
            return result
        with torch.no_grad():
            summed = result if like.shape == result.shape else result.sum_to_size(like.shape)
            return summed.to(like.dtype)

    def _row_at(self, target: Optional[Target], given: Given) -> Row:
        """The row of an input: made by an op of this pass, a leaf, or a constant."""
        node, _, payload = given
        if target is not None and target in self._place:
            found = self._place[target]
            if found.value is None and isinstance(payload, Value):
                found.value = payload  # Nobody recorded its node, but its consumer has kept it.
            return found
        if target is not None and hasattr(target[0], "variable"):
            return self._leaf(target[0].variable)
        if isinstance(payload, Tensor):
            return self._leaf(payload)
        if node is not None and payload is None and (made := node.metadata.get(KEY)):
            payload = made[1].get(given.output)
        return self._constant(payload)

    def _constant(self, value: Optional[Value]) -> Row:
        data = value.data if value is not None else None
        key: Any = id(value)
        if (
            data is not None
            and value is not None
            and data.layout is torch.strided
            and data.device.type == "cpu"
        ):
            key = (data.data_ptr(), tuple(data.shape), data.stride(), value.version)
        if key not in self._constants:
            row = self._constants[key] = Row(Kind.CONSTANT, "constant")
            row.value = value
            self.rows.append(row)
        return self._constants[key]

    def _leaf(self, tensor: Tensor) -> Row:
        key = id(tensor)
        if key not in self._leaves:
            row = self._leaves[key] = Row(Kind.PARAMETER, "parameter")
            row.leaf = tensor
            row.value = self._leaf_values.get(("value", key)) or Value(tensor.detach())
            node = self._leaf_nodes.get(key)
            row.nodes = (node,) if node is not None else ()
            row.ran = node in self.record.given
            self.rows.append(row)
        return self._leaves[key]

    def _add_gradients(self) -> None:
        """A complete gradient is what a node was given.

        Where autograd stopped before it, the sum of what came.
        """
        for (node, output), row in self._place.items():
            given = self.record.given.get(node)
            # What a node gets from its own op's other results is not what the op was given.
            if given is not None and output < len(given) and (node, output) not in self._within:
                row.gradient = given[output]
        sums: dict[Row, list[Tensor]] = {}
        for row in self.rows:
            for source, result in zip(row.sources, row.passed):
                if result is not None:
                    sums.setdefault(source, []).append(result)
        self.sums = sums
        for row in self.rows:
            if row.kind == Kind.PARAMETER and row.nodes and row.nodes[0] in self.record.given:
                row.gradient = self.record.given[row.nodes[0]][0]
            if row.gradient is None and row in sums:
                row.gradient = total(sums[row])
            if row.name == OUTPUT:
                row.passed[0] = row.gradient
