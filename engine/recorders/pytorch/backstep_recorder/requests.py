"""What the engine may ask while the script is stopped at the end of a pass."""

from __future__ import annotations

from collections.abc import Callable
from traceback import format_exc
from types import CodeType, FrameType
from typing import Any, Optional

import torch

from .channel import Blob, Channel, EngineGone
from .columns import Columns, text_of
from .evaluation import Question, children_of, evaluate, summary_of
from .history import History, KeptPass
from .rechecking import Checker
from .rank_strip import strip_of
from .replaced import original_builtins, script_builtins
from .replay import ReplayError, dense
from .sources import site_of
from .tape import Kind
from .training import Training
from .values import Value

Answer = tuple[dict[str, Any], list[Blob]]

#: What runs code of the script's, which finds the builtins that the script has made.
_RUNS_ITS_CODE = {"evaluate", "conditions"}


class Requests:
    """Answers about the passes that are kept, and the frames that the script is stopped in."""

    def __init__(
        self, channel: Channel, history: History, training: Training, frames: list[FrameType]
    ) -> None:
        self._channel = channel
        self._history = history
        self._training = training
        self._frames = frames
        #: Values that the engine may ask the parts of, by number.
        self._references: list[Any] = []
        self._methods: dict[str, Callable[[dict[str, Any], bytes], Answer]] = {
            "pass": self._pass,
            "tensor": self._tensor,
            "strip": lambda m, _: strip_of(self._shown(m)),
            "stack": self._stack,
            "nodeStack": self._node_stack,
            "stacks": self._stacks,
            "locals": self._locals,
            "children": self._children,
            "evaluate": self._evaluate,
            "conditions": self._conditions,
            "training": lambda _, __: (self._training.book.describe(), []),
            "context": lambda m, _: (self._training.context(self._shown(m)), []),
            "check.ops": self._check_ops,
            "check.start": lambda m, _: self._checker(m).start(m["row"]),
            "check.products": lambda m, blob: self._checker(m).products(m["row"], blob),
            "check.productsAt": lambda m, blob: self._checker(m).products_at(
                m["row"], m["input"], m["moves"], blob
            ),
            "check.samples": lambda m, blob: self._checker(m).samples(
                m["row"], m["input"], m["moves"], blob
            ),
            "check.forwards": lambda m, blob: self._checker(m).forwards(m["row"], blob, m["given"]),
            "check.forwardsOf": lambda m, _: self._checker(m).forwards_of(
                m["row"], m["input"], m["moves"]
            ),
            "check.trace": lambda m, _: self._checker(m).trace(m["row"]),
            "check.ran": lambda m, _: self._checker(m).ran(m["row"]),
        }

    def _shown(self, message: dict[str, Any]) -> KeptPass:
        kept = self._history.find(message["pass"])
        if kept is None:
            raise ReplayError(f"pass {message['pass'] + 1} is no longer kept")
        return kept

    def _checker(self, message: dict[str, Any]) -> Checker:
        return self._shown(message).checker.at(message.get("part"))

    def answer(self, message: dict[str, Any], blob: bytes) -> None:
        """Answers one request; what goes wrong is answered as well."""
        method: str = message["method"]
        its_own = method in _RUNS_ITS_CODE or method.startswith("check.")
        try:
            with script_builtins() if its_own else original_builtins():
                header, blobs = self._methods[method](message, blob)
                self._channel.write({"id": message["id"], **header}, blobs)
        except EngineGone:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the user's code throws here must not end the script
            with original_builtins():
                where = format_exc(limit=-3)
            text = (
                str(error) if isinstance(error, ReplayError) else f"{type(error).__name__}: {error}"
            )
            self._channel.write({"id": message["id"], "error": text, "traceback": where})

    def report(self, values: bool) -> None:
        """Tells of each leaf that the newest pass has reached.

        With its gradient as it is right after the pass.
        """
        newest = self._history.newest
        if newest is None:
            return
        accumulated = newest.accumulated
        leaves, blobs = [], []
        newest.names  # noqa: B018 - labels
        for row in newest.tape.rows:
            if row.kind != Kind.PARAMETER or not row.ran or row.gradient is None:
                continue
            found = accumulated.get(row.number, row.gradient)
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
        summary = self._history.summary(newest)
        self._channel.write({"event": "report", **summary, "leaves": leaves}, blobs)

    def _pass(self, message: dict[str, Any], _: bytes) -> Answer:
        kept = self._shown(message)
        columns = Columns(kept.tape, kept.names, kept.accumulated, kept.loss)
        return columns.header(), columns.blobs()

    def _tensor(self, message: dict[str, Any], _: bytes) -> Answer:
        found = self._find(message)
        if found is None:
            raise ReplayError("there is no such tensor")
        data = dense(found.detach())
        return {"shape": list(data.shape), "dtype": str(data.dtype)[6:]}, [data]

    def _find(self, message: dict[str, Any]) -> Optional[torch.Tensor]:
        kept = self._shown(message)
        if "edge" in message:
            return kept.tape.passed_along(message["edge"])
        row = kept.tape.rows[message["row"]]
        if message["plane"] == "accumulated":
            return kept.accumulated.get(row.number)
        if message["plane"] == "gradient":
            return row.gradient
        return row.value.data if row.value is not None and not row.value.lost else None

    def _check_ops(self, message: dict[str, Any], _: bytes) -> Answer:
        rows = self._shown(message).tape.rows
        return {"rows": [row.number for row in rows if row.runnable]}, []

    def _stack(self, _: dict[str, Any], __: bytes) -> Answer:
        return {"frames": [_frame(f.f_code, f.f_lasti) for f in self._frames]}, []

    def _node_stack(self, message: dict[str, Any], _: bytes) -> Answer:
        op = self._shown(message).tape.rows[message["row"]].op
        found = op.stack if op is not None and op.stack is not None else ()
        return {"frames": [_frame(code, lasti) for code, lasti in found]}, []

    def _stacks(self, message: dict[str, Any], _: bytes) -> Answer:
        """The frames of every row, each distinct one once."""
        frames: list[dict[str, Any]] = []
        numbers: dict[tuple[int, int], int] = {}
        stacks = []
        for row in self._shown(message).tape.rows:
            if row.op is None or row.op.stack is None:
                continue
            stack = []
            for code, lasti in row.op.stack:
                if (id(code), lasti) not in numbers:
                    numbers[id(code), lasti] = len(frames)
                    frames.append(_frame(code, lasti))
                stack.append(numbers[id(code), lasti])
            stacks.append((row.number, stack))
        return {"frames": frames, "stacks": stacks}, []

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

    def _conditions(self, message: dict[str, Any], _: bytes) -> Answer:
        """What a breakpoint's condition and message give at rows of a pass."""
        kept = self._shown(message)
        frame = self._frames[0] if self._frames else None
        question = Question(message["condition"], message["log"], frame)
        rows = (kept.tape.rows[number] for number in message["rows"])
        places = ({"grad": row.gradient, "value": _tensor_of(row.value)} for row in rows)
        whole = {"loss": kept.loss, "step": kept.record.index + 1}
        return {"answers": question.ask(places, whole)}, []

    def _evaluate(self, message: dict[str, Any], _: bytes) -> Answer:
        frame = self._frames[message.get("frame") or 0]
        value = evaluate(message["expression"], frame)
        return {"variables": [summary_of(message["expression"], value, self._references)]}, []


def _tensor_of(value: Optional[Value]) -> Optional[torch.Tensor]:
    return value.data if value is not None and not value.lost else None


def _frame(code: CodeType, lasti: int) -> dict[str, Any]:
    return {"name": getattr(code, "co_qualname", code.co_name), "site": site_of(code, lasti)}
