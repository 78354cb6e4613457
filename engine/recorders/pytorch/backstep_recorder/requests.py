"""What the engine may ask while the script is stopped at the end of a pass."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, Optional

import torch

from .channel import Blob, Channel
from .columns import Columns, text_of
from .evaluation import children_of, evaluate, summary_of
from .naming import Names
from .rechecking import Checker
from .replay import ReplayError, dense
from .sources import site_of
from .tape import Kind, Tape

Answer = tuple[dict[str, Any], list[Blob]]


class Requests:
    """Answers about one pass, and about the frames that the script is stopped in."""

    def __init__(self, channel: Channel, tape: Tape, frames: list[FrameType]) -> None:
        self._channel = channel
        self._tape = tape
        self._frames = frames
        self._names = Names(tape)
        self._checker = Checker(tape)
        #: Values that the engine may ask the parts of, by number.
        self._references: list[Any] = []
        #: What a leaf's gradient was added up to, by row.
        self._accumulated = {
            row.number: row.leaf.grad.detach()
            for row in tape.rows
            if row.leaf is not None and row.leaf.is_leaf and row.leaf.grad is not None
        }
        self._methods: dict[str, Callable[[dict[str, Any], bytes], Answer]] = {
            "pass": self._pass,
            "tensor": self._tensor,
            "stack": self._stack,
            "nodeStack": self._node_stack,
            "locals": self._locals,
            "children": self._children,
            "evaluate": self._evaluate,
            "check.ops": lambda _, __: (
                {"rows": [row.number for row in tape.rows if row.runnable]},
                [],
            ),
            "check.start": lambda m, _: self._checker.start(m["row"]),
            "check.products": lambda m, blob: self._checker.products(m["row"], blob),
            "check.productsAt": lambda m, blob: self._checker.products_at(
                m["row"], m["input"], m["moves"], blob
            ),
            "check.samples": lambda m, blob: self._checker.samples(
                m["row"], m["input"], m["moves"], blob
            ),
            "check.forwards": lambda m, blob: self._checker.forwards(m["row"], blob, m["count"]),
            "check.forwardsOf": lambda m, _: self._checker.forwards_of(
                m["row"], m["input"], m["moves"]
            ),
            "check.ran": lambda m, _: self._checker.ran(m["row"]),
        }

    def answer(self, message: dict[str, Any], blob: bytes) -> None:
        """Answers one request; what goes wrong is answered as well."""
        try:
            header, blobs = self._methods[message["method"]](message, blob)
        except Exception as error:  # noqa: BLE001 - whatever the user's code throws here must not end the script
            where = traceback.format_exc(limit=-3)
            text = (
                str(error) if isinstance(error, ReplayError) else f"{type(error).__name__}: {error}"
            )
            self._channel.write({"id": message["id"], "error": text, "traceback": where})
            return
        self._channel.write({"id": message["id"], **header}, blobs)

    def summary(self) -> dict[str, Any]:
        """Which pass this is."""
        record = self._tape.record
        first = record.roots[0] if record.roots else None
        scalar = first is not None and first.numel() == 1 and not first.is_complex()
        return {
            "pass": record.index,
            "kind": record.kind,
            "loss": text_of(float(first.detach())) if first is not None and scalar else None,
            "nodes": len(self._tape.rows),
            "site": site_of(record.site.code, record.site.lasti) if record.site else None,
        }

    def report(self, values: bool) -> None:
        """Tells of each leaf that the pass has reached.

        With its gradient as it is right after the pass.
        """
        leaves, blobs = [], []
        for row in self._tape.rows:
            if row.kind != Kind.PARAMETER or not row.ran or row.gradient is None:
                continue
            found = self._accumulated.get(row.number, row.gradient)
            gradient = dense(found.detach())
            norm = float(
                torch.linalg.vector_norm(
                    gradient.double() if not gradient.is_complex() else gradient
                )
            )
            name = row.label or "parameter"
            leaves.append({"name": name, "shape": list(gradient.shape), "norm": text_of(norm)})
            if values and not gradient.is_complex():
                blobs.append(gradient.double())
        self._channel.write({"event": "report", **self.summary(), "leaves": leaves}, blobs)

    def _pass(self, _: dict[str, Any], __: bytes) -> Answer:
        columns = Columns(self._tape, self._names, self._accumulated)
        return columns.header(), columns.blobs()

    def _tensor(self, message: dict[str, Any], _: bytes) -> Answer:
        found = self._find(message)
        if found is None:
            raise ReplayError("there is no such tensor")
        data = dense(found.detach())
        return {"shape": list(data.shape), "dtype": str(data.dtype)[6:]}, [data]

    def _find(self, message: dict[str, Any]) -> Optional[torch.Tensor]:
        if "edge" in message:
            edge = message["edge"]
            for row in self._tape.rows:
                if edge < len(row.passed):
                    return row.passed[edge]
                edge -= len(row.passed)
            return None
        row = self._tape.rows[message["row"]]
        if message["plane"] == "accumulated":
            return self._accumulated.get(row.number)
        if message["plane"] == "gradient":
            return row.gradient
        return row.value.data if row.value is not None and not row.value.lost else None

    def _stack(self, _: dict[str, Any], __: bytes) -> Answer:
        frames = [
            {
                "name": getattr(f.f_code, "co_qualname", f.f_code.co_name),
                "site": site_of(f.f_code, f.f_lasti),
            }
            for f in self._frames
        ]
        return {"frames": frames}, []

    def _node_stack(self, message: dict[str, Any], _: bytes) -> Answer:
        op = self._tape.rows[message["row"]].op
        frames = [
            {"name": getattr(code, "co_qualname", code.co_name), "site": site_of(code, lasti)}
            for code, lasti in (op.stack if op is not None and op.stack is not None else ())
        ]
        return {"frames": frames}, []

    def _locals(self, message: dict[str, Any], _: bytes) -> Answer:
        frame = self._frames[message["frame"]]
        found = {name: value for name, value in frame.f_locals.items() if not name.startswith("__")}
        return {
            "variables": [
                summary_of(name, value, self._references) for name, value in found.items()
            ]
        }, []

    def _children(self, message: dict[str, Any], _: bytes) -> Answer:
        parts = children_of(self._references[message["reference"] - 1])
        return {
            "variables": [summary_of(name, value, self._references) for name, value in parts]
        }, []

    def _evaluate(self, message: dict[str, Any], _: bytes) -> Answer:
        frame = self._frames[message.get("frame") or 0]
        value = evaluate(message["expression"], frame)
        return {"variables": [summary_of(message["expression"], value, self._references)]}, []
