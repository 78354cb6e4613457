"""One run of autograd's engine, watched by a hook at every node behind the roots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Optional

import torch

from .ops import KEY, CallSite, Op
from .recorder import Recorder, threads

Tensor = torch.Tensor


class Pass:
    """What autograd's nodes passed to each other in one backward pass."""

    def __init__(
        self,
        roots: Sequence[Tensor],
        site: Optional[CallSite],
        create_graph: bool,
        kind: str,
        outer: Optional[Pass],
        keep_graph: bool,
    ) -> None:
        self.roots, self.site, self.create_graph, self.kind, self.outer = (
            roots,
            site,
            create_graph,
            kind,
            outer,
        )
        self.keep_graph = keep_graph
        #: Which pass of the run it is, from 0; those inside of others have no number.
        self.index = -1
        self.nodes = nodes_behind(root.grad_fn for root in roots if root.grad_fn is not None)
        #: What each node was given, and what it passed to its inputs.
        self.given: dict[Any, Sequence[Optional[Tensor]]] = {}
        self.passed: dict[Any, Sequence[Optional[Tensor]]] = {}
        #: Nodes in the order in which they ran.
        self.order: list[Any] = []
        #: Whether it ended by an exception.
        self.failed = False
        #: That exception, for the engine.
        self.failure: Optional[dict[str, Any]] = None
        #: Leaves that the pass may reach, and those of them that had no gradient before.
        self.leaves: list[Tensor] = [
            node.variable for node in self.nodes if hasattr(node, "variable")
        ]
        self.fresh: set[int] = set()
        self._look_at_leaves()
        self._hooks = [node.register_hook(self._hook(node)) for node in self.nodes]

    def _look_at_leaves(self) -> None:
        """The engine adds to the gradients of leaves in place, which no mode sees."""
        for variable in self.leaves:
            if variable.grad is None:
                self.fresh.add(id(variable))
            elif Recorder.writes.held:
                Recorder.writes.before(variable.grad)

    def _hook(self, node: Any) -> Any:
        order, given, passed = self.order, self.given, self.passed

        def note(
            to_inputs: Sequence[Optional[Tensor]], from_consumers: Sequence[Optional[Tensor]]
        ) -> None:
            order.append(node)
            given[node], passed[node] = from_consumers, to_inputs
            if self.create_graph:
                _tag_backward(node, to_inputs, from_consumers)

        return note

    def reached(self) -> list[tuple[Tensor, Optional[Tensor]]]:
        """Its leaves, with what each was given; None where nothing arrived."""
        given = self.given
        return [
            (node.variable, given[node][0] if node in given else None)
            for node in self.nodes
            if hasattr(node, "variable")
        ]

    def end(self) -> None:
        """Takes the hooks off."""
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()

    def release(self) -> None:
        """Gives up the values that the graph keeps, as autograd does with what it saved."""
        for node in self.nodes:
            node.metadata.pop(KEY, None)

    def structure_key(self) -> int:
        """Equal for passes of the same ops, wired the same way, on data of any size."""
        number = {node: i for i, node in enumerate(self.nodes)}
        parts: list[Any] = []
        for node in self.nodes:
            made = node.metadata.get(KEY)
            op: Optional[Op] = made[0] if made is not None else None
            called = (
                (op.name, id(op.site.code), op.site.lasti)
                if op is not None and op.site
                else node.name()
            )
            edges = tuple((number.get(after, -1), output) for after, output in node.next_functions)
            parts.append((called, edges))
        return hash(tuple(parts))


def nodes_behind(roots: Iterable[Any]) -> list[Any]:
    """Every node behind the roots, each before what it passes gradients to."""
    found: list[Any] = []
    seen: set[Any] = set()
    todo = [(root, False) for root in roots]
    while todo:
        node, left = todo.pop()
        if left:
            found.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            following = (after for after, _ in node.next_functions)
            todo.extend(
                (after, False) for after in following if after is not None and after not in seen
            )
    return found[::-1]


def _tag_backward(
    node: Any, to_inputs: Sequence[Optional[Tensor]], from_consumers: Sequence[Optional[Tensor]]
) -> None:
    """Under ``create_graph`` a node's backward makes nodes itself.

    They belong to where the node was made.
    """
    results = [
        r
        for r in to_inputs
        if r is not None and r.grad_fn is not None and KEY not in r.grad_fn.metadata
    ]
    recorder = threads.recorder
    if not results or recorder is None:
        return
    forward: Optional[Op] = node.metadata.get(KEY, (None, None))[0]
    Recorder.count += 1
    op = Op(Recorder.count, f"backward of {forward.name if forward else node.name()}")
    if forward is not None:
        op.scope, op.stack, op.site = forward.scope, forward.stack, forward.site
    for given in from_consumers:
        if given is not None:
            recorder.slot(op, given)
    for result in results:
        recorder.tag(op, result)
