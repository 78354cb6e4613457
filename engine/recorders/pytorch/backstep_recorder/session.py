"""When to stop, and what is done at the end of each pass."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Iterable, Sequence
from os import _exit
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Any, Optional

from .breakpoints import Breakpoints
from .channel import Channel, EngineGone
from .columns import text_of
from .history import History, KeptPass, loss_of
from .ops import CallSite
from .passes import Pass
from .program_book import ProgramBook
from .recorder import Level, Recorder, modes_off, threads
from .repetition import Repetition
from .replaced import Originals, original_builtins
from .requests import Requests
from .sites import frames_of
from .sources import site_of
from .training import Training

if TYPE_CHECKING:
    from .rank_reports import RankReports

#: Ends a process whose engine is gone.
ENGINE_GONE_STATUS = 70

#: What the newest pass may take so that findings can look at it once more when the script ends.
_SPARE_BYTES = 64 * 2**20

#: How often a running script tells how far it is.
_PROGRESS_SECONDS = 0.25


class Session:
    """One run of a script under the engine."""

    def __init__(self, channel: Optional[Channel], settings: dict[str, Any]) -> None:
        self._channel = channel
        self._level = Level.FULL if settings.get("recording") == "full" else Level.LIGHT
        self._stop: dict[str, Any] = settings.get("stopOn", {"kind": "none"})
        self._report: Optional[str] = settings.get("report")
        finds = bool(settings.get("findings"))
        budget, least = settings.get("historyBytes", 0), settings.get("historyLeast", 0)
        self._history = History(budget, least, _SPARE_BYTES if finds else 0)
        self.training = Training(bool(settings.get("log")), finds)
        #: Whether the run as a whole is followed.
        self._follows = finds or bool(settings.get("log"))
        #: The log of a run that can be run again has its passes in the same way.
        self._repetition = Repetition(settings.get("again")) if settings.get("log") else None
        #: Passes are watched because some are kept to the end.
        self._keeps = settings.get("historyLeast", 0) > 0
        self._passes = 0
        self._structures: set[int] = set()
        self._compared: set[int] = set()
        self._breakpoints = Breakpoints()
        self._last_progress = 0.0
        #: What the script's own process finds where it looks for what Python and torch have.
        self._originals: Optional[Originals] = None
        #: Passes of several threads are told of in turn, and the engine sees one at a time.
        self._turn = threading.RLock()
        #: Tells of this rank where there are several, which the engine holds against each other.
        self.ranks = self._watched_rank() if settings.get("ranks") else None

    def _watched_rank(self) -> RankReports:
        # Only here: other scripts need not load what is for several ranks.
        from .rank_reports import RankReports

        return RankReports(self._tell)

    def _tell(self, message: dict[str, Any]) -> None:
        """Says something in the middle of the script's own calls."""
        if self._channel is None:
            return
        try:
            self._channel.write(message)
        except EngineGone:
            leave()

    def forked(self) -> None:
        """In a child process, a worker of a DataLoader say, nothing is recorded."""
        Recorder.level = Level.OFF
        self._turn = threading.RLock()
        threads.recorder, self._channel, self._stop, self._report = (
            None,
            None,
            {"kind": "none"},
            None,
        )
        self._keeps, self._breakpoints, self.ranks = False, Breakpoints(), None
        self._follows, self.training = False, Training(False, False)
        self._repetition = None

    @property
    def book(self) -> Optional[ProgramBook]:
        """Who is told of what the script makes and calls, where that is followed."""
        return self.training.book if self._follows else None

    def wants(self, outer: Optional[Pass]) -> bool:
        """Passes inside of another are its own business."""
        return outer is not None or self._watches_next()

    def _watches_next(self) -> bool:
        kind = self._stop["kind"]
        if self.ranks is not None or self._is_goal(self._passes):
            return True
        known = self._was_watched(self._passes)
        if known is not None and (known or self._is_on_the_way(self._passes)):
            return known
        if kind != "none" and not self._breakpoints.empty:
            return True
        if kind in ("every", "distinct", "first") or self._report is not None or self._keeps:
            return True
        if self.training.watches(self._passes):
            return True
        return bool(kind == "nth" and self._stop["n"] <= self._passes + 1)

    def before_next(self) -> None:
        """Ops are only noted while somebody wants the next pass."""
        recorder = threads.recorder
        if recorder is None:
            return
        if self._watches_next():
            Recorder.level = self._level
            recorder.enter()
        else:
            self._history.settle()
            Recorder.level = Level.OFF
            recorder.leave()

    def begin(self, breakpoints: list[dict[str, Any]]) -> None:
        """The script is about to start."""
        self._originals = Originals()
        self._set_breakpoints(breakpoints)
        self._tell_statuses()
        self.before_next()

    def starts(self, leaves: Optional[Iterable[Any]]) -> None:
        """A pass of its own is about to run."""
        if self.ranks is not None:
            self.ranks.begin_pass(leaves or ())

    def returned(self) -> None:
        """It is over."""
        if self.ranks is not None:
            self.ranks.end_pass()

    def begins(self, leaves: Optional[Iterable[Any]]) -> None:
        """A pass is about to run."""
        if self._follows:
            with modes_off():
                unwatched = self._was_watched(self._passes) is False
                self.training.begins(None if unwatched else leaves)

    def refused(self, roots: Sequence[Any], site: Optional[CallSite], error: BaseException) -> None:
        """A pass has thrown."""
        if self._follows:
            self.training.refused(roots, site, error)

    def passed_by(self, roots: Sequence[Any], kind: str, site: Optional[CallSite]) -> None:
        """A pass that nobody wanted has ended."""
        with self._turn:
            self._passed_by(roots, kind, site)

    def _passed_by(self, roots: Sequence[Any], kind: str, site: Optional[CallSite]) -> None:
        if self._follows:
            with modes_off():
                self.training.passed_by(roots, self._passes, kind, site)
        self._note_watched(self._passes, False)
        self._passes += 1
        self._tell_progress(roots)
        self._listen()
        self.before_next()

    def ended(self, record: Pass, frame: FrameType) -> None:
        """A watched pass has ended: serves the engine if it is one to stop at."""
        with self._turn:
            self._ended(record, frame)

    def _ended(self, record: Pass, frame: FrameType) -> None:
        hidden = [] if self._originals is None else self._originals.unreadable()
        if hidden and self._channel is not None:
            # A pass without its ops would look like one in which there is no fault.
            why = "what backward() ran cannot be read"
            self._end_for(self._channel, hidden, why, record.site)
        record.index = self._passes
        if self._follows and self._was_watched(record.index) is False:
            self.training.passed_by(record.roots, record.index, record.kind, record.site)
        elif self._follows and not record.failed:
            self.training.ended(record, record.index)
        self._note_watched(record.index, True)
        self._passes += 1
        kept = KeptPass(record)
        self._history.add(kept)
        if self.ranks is not None:
            self.ranks.passed(kept)
        try:
            if self._channel is not None:
                self._show(self._channel, kept, frame)
        except EngineGone:
            leave()
        self._history.leave()
        self._tell_progress(record.roots)
        self._listen()
        self.before_next()

    def _show(self, channel: Channel, kept: KeptPass, frame: FrameType) -> None:
        stops = self._stops_at(kept.record)
        compares = self._compares(kept.record)
        looks = self._follows and self.training.is_looked_at(kept.record)
        asks = stops or compares or looks or self._breakpoints.may_stop(kept)
        if not asks and self._report is None:
            return
        requests = Requests(channel, self._history, self.training, frames_of(frame))
        if self._report is not None:
            requests.report(self._report == "values")
        if asks:
            self.training.tell(channel, everything=True)
            about = {"stops": stops, "compares": compares, "failure": kept.record.failure}
            about["looks"] = looks
            news = self._history.news()
            channel.write({"event": "stopped", "pass": kept.record.index, **about, **news})
            self._serve(requests)

    def _was_watched(self, index: int) -> Optional[bool]:
        return None if self._repetition is None else self._repetition.was_watched(index)

    def _is_on_the_way(self, index: int) -> bool:
        return self._repetition is not None and self._repetition.is_on_the_way(index)

    def _is_goal(self, index: int) -> bool:
        return self._repetition is not None and self._repetition.is_goal(index)

    def _note_watched(self, index: int, watched: bool) -> None:
        event = None if self._repetition is None else self._repetition.note(index, watched)
        if event is not None:
            self._tell(event)

    def _stops_at(self, record: Pass) -> bool:
        wanted = self._is_to_stop_at(record)
        return self._is_goal(record.index) or (wanted and not self._is_on_the_way(record.index))

    def _is_to_stop_at(self, record: Pass) -> bool:
        kind = self._stop["kind"]
        if kind == "distinct":
            return _is_new(record, self._structures)
        if kind == "nth":
            return bool(self._stop["n"] <= self._passes)
        return kind in ("every", "first")

    def _compares(self, record: Pass) -> bool:
        """Whether a breakpoint wants the pass compared: the first of its structure."""
        return self._breakpoints.compares and _is_new(record, self._compared)

    def _set_breakpoints(self, given: list[dict[str, Any]]) -> None:
        self._breakpoints = Breakpoints(given if self._stop["kind"] != "none" else ())

    def _tell_statuses(self) -> None:
        if self._channel is not None and self._breakpoints.statuses:
            message = {"event": "breakpoints", "statuses": self._breakpoints.statuses}
            self._channel.write(message)

    def _tell_progress(self, roots: Sequence[Any]) -> None:
        """How far the script is, and its log, now and then."""
        if self._channel is not None:
            try:
                self.training.tell(self._channel)
            except EngineGone:
                leave()
        now = monotonic()
        if self._channel is None or now - self._last_progress < _PROGRESS_SECONDS:
            return
        self._last_progress = now
        loss = loss_of(roots)
        text = None if loss is None else text_of(loss)
        try:
            self._channel.write({"event": "progress", "passes": self._passes, "loss": text})
        except EngineGone:
            leave()

    def _serve(self, requests: Requests) -> None:
        """Answers the engine, from the script's own thread, until it lets the script go on."""
        assert self._channel is not None
        while True:
            message, blob = self._channel.read()
            if message["method"] == "resume":
                self._stop = message.get("stopOn", self._stop)
                return
            if message["method"] == "stopOn":  # Said while the script was still running.
                self._stop = message["stopOn"]
            elif message["method"] == "breakpoints":
                self._set_breakpoints(message["breakpoints"])
                statuses = {"statuses": self._breakpoints.statuses}
                event = {"id": message["id"]} if "id" in message else {"event": "breakpoints"}
                self._channel.write({**event, **statuses})
            else:
                requests.answer(message, blob)

    def _listen(self) -> None:
        """What the engine has said meanwhile: where to stop from now on."""
        try:
            while self._channel is not None and self._channel.waiting():
                message, _ = self._channel.read()
                if message["method"] == "stopOn":
                    self._stop = message["stopOn"]
                elif message["method"] == "breakpoints":
                    self._set_breakpoints(message["breakpoints"])
                    self._tell_statuses()
        except EngineGone:
            leave()

    def stumbles(self, error: Exception, site: Optional[CallSite]) -> None:
        """The recorder itself has thrown.

        Where the script has replaced what the recorder calls, that is said, and the run ends. What
        else can be thrown here, a lack of memory say, is the script's to catch.
        """
        replaced = self.replaced()
        if self._channel is None or not replaced or isinstance(error, (MemoryError, RecursionError)):
            return
        self._end_for(self._channel, replaced, f"{type(error).__name__}: {error}", site)

    def _end_for(
        self, channel: Channel, replaced: list[str], why: str, site: Optional[CallSite]
    ) -> None:
        """Ends a script that is not to be recorded any further for what it has replaced."""
        try:
            with original_builtins():
                where = None if site is None else site_of(site.code, site.lasti)
                about = {"replaced": replaced, "error": why, "site": where}
                channel.write({"event": "stumbled", **about, "passes": self._passes})
        except EngineGone:
            pass
        leave()

    def replaced(self, *, unusable: bool = False) -> list[str]:
        """What of Python's, its library's and torch's the script has replaced."""
        return [] if self._originals is None else self._originals.replaced(unusable=unusable)

    def finish(
        self, failure: Optional[dict[str, Any]], status: int, replaced: Sequence[str] = ()
    ) -> None:
        """The script has come to its end; where the recorder threw, it had replaced so much.

        Where passes are kept, they can be looked at until the engine has seen enough.
        """
        try:
            self._finish(failure, status, replaced)
        except Exception as error:  # noqa: BLE001 - it is the recorder's own
            self.stumbles(error, None)
            raise

    def _finish(
        self, failure: Optional[dict[str, Any]], status: int, replaced: Sequence[str]
    ) -> None:
        Recorder.level = Level.OFF
        if threads.recorder is not None:
            threads.recorder.quiet = True
        if self._channel is None:
            return
        end = {"passes": self._passes, "failure": failure, "status": status}
        if replaced:
            end["replaced"] = replaced
        try:
            with original_builtins():
                self.training.tell(self._channel, everything=True)
                if self.training.finds:
                    end["program"] = self.training.book.describe()
            if not self._history.empty:
                _end_as_python_does()
                self._channel.write({"event": "finished", **end, **self._history.news()})
                self._serve(Requests(self._channel, self._history, self.training, []))
            self._channel.write({"event": "ended", **end})
            self._channel.close()
        except EngineGone:
            leave()
        self._channel = None


def _is_new(record: Pass, structures: set[int]) -> bool:
    key = record.structure_key()
    known = key in structures
    structures.add(key)
    return not known


def _end_as_python_does() -> None:
    """What Python does at its end is done now: threads and handlers are not kept waiting."""
    ends: Any = threading
    for end in (ends._shutdown, atexit._run_exitfuncs):
        try:
            end()
        except Exception:  # noqa: BLE001, S110 - as at Python's own end, it changes nothing
            pass
    _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001, S110 - the script may have closed or replaced it
            pass


def leave() -> None:
    """Nobody is there any more to run the script for. No exception: the script might catch it."""
    _flush()
    _exit(ENGINE_GONE_STATUS)
