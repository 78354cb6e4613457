"""The socket to the engine: frames of a JSON header and raw bytes."""

from __future__ import annotations

import ctypes
import socket
import struct
from array import array
from collections.abc import Iterable
from json import JSONDecoder
from select import select
from typing import Any, Optional, Union

import torch

from .replaced import Encoder, original_builtins

#: What may follow a header.
Blob = Union[bytes, "array[Any]", torch.Tensor]

#: Lengths of the header and of the bytes.
_LENGTHS = struct.Struct("<IQ")

#: Taken before the script runs, which may put others in their place.
_encode, _decode = Encoder().encode, JSONDecoder().decode


class EngineGone(Exception):
    """The engine has closed the connection."""


class Channel:
    """One end of the connection, used by one thread at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def waiting(self) -> bool:
        """Whether a message can be read at once, or the engine is gone."""
        return bool(select([self._socket], [], [], 0)[0])

    def read(self) -> tuple[dict[str, Any], bytes]:
        """Waits for a message."""
        text, blob = _LENGTHS.unpack(self._exactly(_LENGTHS.size))
        header, follows = self._exactly(text).decode(), self._exactly(blob)
        with original_builtins():
            return _decode(header), follows

    def _exactly(self, size: int) -> bytes:
        data = bytearray(size)
        view, at = memoryview(data), 0
        while at < size:
            try:
                got = self._socket.recv_into(view[at:])
            except OSError as error:
                raise EngineGone from error
            if got == 0:
                raise EngineGone
            at += got
        return bytes(data)

    def write(self, message: dict[str, Any], blobs: Iterable[Blob] = ()) -> None:
        """Sends a message; the blobs one behind the other."""
        with original_builtins():
            text = _encode(message).encode()
        parts = [part for part in map(_bytes_of, blobs) if part is not None]
        sizes = _LENGTHS.pack(len(text), sum(memoryview(data).nbytes for data, _ in parts))
        try:
            self._socket.sendall(sizes + text)
            for data, _ in parts:
                self._socket.sendall(data)
        except OSError as error:
            raise EngineGone from error


def _bytes_of(data: Blob) -> Optional[tuple[Any, Any]]:
    """The bytes of a blob, and what must live until they are sent; a tensor's elements as they are.

    Needs no NumPy.
    """
    if not isinstance(data, torch.Tensor):
        return (data, None) if len(data) else None
    dense = data.detach().to("cpu").contiguous()
    if dense.is_complex():
        dense = torch.view_as_real(dense.resolve_conj()).contiguous()
    if dense.numel() == 0:
        return None
    size = dense.element_size() * dense.numel()
    return (ctypes.c_char * size).from_address(dense.data_ptr()), dense
