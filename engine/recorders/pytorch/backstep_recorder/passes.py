"""One run of autograd's engine, watched by a hook at every node behind the roots."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from typing import Any, Optional

import torch

from .ops import KEY, CallSite, Op, ParticularOp
from .recorder import Recorder, numbers, threads

Tensor = torch.Tensor

_Gradients = Sequence[Optional[Tensor]]
#: A node, what it passed to its inputs, and what it was given for that.
_Ran = tuple[Any, _Gradients, _Gradients]

#: What registers the hook of a node, in Python.
_mixin: Any = torch.autograd.function._HookMixin
#: Under this key of a node's hooks is ours; torch has numbers there.
_OURS = "backstep"
#: What a node takes besides its tensors' elements, about: itself, its op, values and hook.
_NODE_BYTES = 3500


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
        ends: list[Any] = []
        grad_fns = (root.grad_fn for root in roots if root.grad_fn is not None)
        self.nodes = nodes_behind(grad_fns, ends)
        #: Those of leaves that the pass may reach.
        self.leaf_nodes = [node for node in ends if hasattr(node, "variable")]
        #: In the order in which they ran.
        self._ran: list[_Ran] = []
        #: Whether it ended by an exception.
        self.failed = False
        #: That exception, for the engine.
        self.failure: Optional[dict[str, Any]] = None
        #: By the id of a leaf that had no gradient before, or nothing but zeros: how often its
        #: gradient has been written when the pass alone has made it.
        self.fresh: dict[int, int] = {}
        #: The ids of leaves that passes within this one may add to as well.
        self.shared: set[int] = set()
        bare = self._look_at_leaves()
        note, note_first = self._noting(), self._note_first
        theirs = _mixin.__dict__["_register_hook"]
        _mixin._register_hook = staticmethod(_plain_handle)
        try:
            self._hooks = [
                node.register_hook(partial(note_first if node in bare else note, node))
                for node in self.nodes
            ]
        finally:
            _mixin._register_hook = theirs

    @property
    def leaves(self) -> list[Tensor]:
        """Leaves that the pass may reach."""
        return [node.variable for node in self.leaf_nodes]

    def _look_at_leaves(self) -> set[Any]:
        """The engine adds to the gradients of leaves in place, which no mode sees.

        Returns the nodes of those that have none.
        """
        writes, bare = Recorder.writes, set()
        written: list[Tensor] = []
        for node in self.leaf_nodes:
            variable = node.variable
            grad = variable.grad
            if grad is None:
                self.fresh[id(variable)] = 0
                if variable.is_cpu:  # Else a pass within this one may run in a thread of torch's own.
                    bare.add(node)
                continue
            if writes.zeroed and writes.zeroed.pop(id(grad), -1) == grad._version:
                self.fresh[id(variable)] = grad._version + 1
            written.append(grad)
        if written and writes.held:
            writes.before_each(written)
        outer = self.outer
        if outer is not None:
            ids = {id(variable) for variable in self.leaves}
            while outer is not None:
                outer.shared |= ids
                outer = outer.outer
        return bare

    def _noting(self) -> Callable[[Any, _Gradients, _Gradients], None]:
        """The hook of every node: what it passed to its inputs, and what it was given for that."""
        add, tags = self._ran.append, self.create_graph

        def note(node: Any, to_inputs: _Gradients, from_consumers: _Gradients) -> None:
            add((node, to_inputs, from_consumers))
            if tags:
                _tag_backward(node, to_inputs, from_consumers)

        return note

    def _note_first(self, node: Any, to_inputs: _Gradients, from_consumers: _Gradients) -> None:
        """The hook of a leaf without a gradient, which the engine has just given it.

        It copies what it gives where we hold that, and some versions of torch count that as a write.
        """
        self._ran.append((node, to_inputs, from_consumers))
        variable = node.variable
        grad = variable.grad
        if grad is not None:
            self.fresh[id(variable)] = grad._version

    @property
    def order(self) -> list[Any]:
        """Nodes in the order in which they ran."""
        return [node for node, _, _ in self._ran]

    @cached_property
    def given(self) -> dict[Any, _Gradients]:
        """What each node that ran was given; asked for when the pass is over."""
        return {node: given for node, _, given in self._ran}

    @cached_property
    def passed(self) -> dict[Any, _Gradients]:
        """What each passed to its inputs."""
        return {node: passed for node, passed, _ in self._ran}

    def bytes(self) -> int:
        """What the pass takes, about: nodes with what is noted of them, gradients and results.

        A result is as large as the gradient that it was given.
        """
        size = 0
        for _, _, given in self._ran:
            for tensor in given:
                if tensor is not None:
                    size += tensor.numel() * tensor.element_size()
        return 2 * size + _NODE_BYTES * len(self.nodes)

    def reached(self) -> list[tuple[Tensor, Optional[Tensor]]]:
        """Its leaves, with what each was given; None where nothing arrived."""
        leaves = set(self.leaf_nodes)
        given = {node: given[0] for node, _, given in self._ran if node in leaves}
        return [(node.variable, given.get(node)) for node in self.leaf_nodes]

    def end(self) -> None:
        """Takes the hooks off."""
        for hooks in self._hooks:
            hooks.pop(_OURS, None)
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


def _plain_handle(hooks: Optional[dict[Any, Any]], hook: Any) -> tuple[dict[Any, Any], Any]:
    """Registering a hook gives the dictionary that it is in, under a key of ours.

    Torch would make an object for each, which counts them in its class: half of what a hook costs.
    """
    if hooks is None:
        hooks = OrderedDict()
    hooks[_OURS] = hook
    return hooks, hooks


def nodes_behind(roots: Iterable[Any], ends: Optional[list[Any]] = None) -> list[Any]:
    """Every node behind the roots, each before what it passes gradients to.

    Those that pass nothing on are added to ``ends``.
    """
    found: list[Any] = []
    seen: set[Any] = set()
    todo: list[Any] = list(roots)
    while todo:
        node = todo.pop()
        if type(node) is tuple:  # All that it passes gradients to has been found.
            found.append(node[0])
        elif node not in seen:
            seen.add(node)
            todo.append((node,))
            following = node.next_functions
            for after, _ in following:
                if after is not None and after not in seen:
                    todo.append(after)
            if ends is not None and not following:
                ends.append(node)
    found.reverse()
    return found


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
    op = ParticularOp(next(numbers), f"backward of {forward.name if forward else node.name()}")
    if forward is not None:
        op.scope, op.stack, op.site = forward.scope, forward.stack, forward.site
    for given in from_consumers:
        if given is not None:
            recorder.slot(op, given)
    for result in results:
        recorder.tag(op, result)
