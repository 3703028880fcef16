"""`SaveSliceInfo`: which part of a whole a variable is, as checkpoints say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evergraph import protos


class SaveSliceInfo:
    """Says that a variable is a slice of a larger one, under whose name it is saved.

    Args:
      full_name: the name of the larger variable.
      full_shape: its shape.
      var_offset: where the slice begins.
      var_shape: the shape of the slice.
      save_slice_info_def: a `SaveSliceInfoDef` that says all of that.
      import_scope: the scope that the name in it is in.
    """

    def __init__(
        self,
        full_name: str | None = None,
        full_shape: Sequence[int] | None = None,
        var_offset: Sequence[int] | None = None,
        var_shape: Sequence[int] | None = None,
        save_slice_info_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        if save_slice_info_def is not None:
            full_name = prepended(save_slice_info_def.full_name, import_scope)
            full_shape = list(save_slice_info_def.full_shape)
            var_offset = list(save_slice_info_def.var_offset)
            var_shape = list(save_slice_info_def.var_shape)
        self.full_name = full_name
        self.full_shape: Any = full_shape
        self.var_offset: Any = var_offset
        self.var_shape: Any = var_shape

    @property
    def spec(self) -> str:
        """The slice as a checkpoint's key has it: `4 5 0,2:0,5`."""
        whole = "".join(f"{d} " for d in self.full_shape)
        pairs = zip(self.var_offset, self.var_shape, strict=True)
        return whole + ":".join(f"{o},{s}" for o, s in pairs)

    @classmethod
    def from_spec(cls, spec: str) -> SaveSliceInfo:
        """Return what a `spec` says.

        Raises:
          ValueError: it is not of that form.
        """
        if not spec:
            return cls()
        whole, found, part = spec.rpartition(" ")
        if not found:
            raise ValueError("Spec string must contain space-separated full_shape info.")
        full_shape = [
            _number(d, "full_shape must be a sequence of integers") for d in whole.split()
        ]
        offsets, sizes = [], []
        for pair in part.split(":"):
            parts = pair.split(",")
            if len(parts) != 2:
                raise ValueError(
                    "Spec string must contain comma-separated pairs of offsets and shapes."
                )
            offsets.append(_number(parts[0], "var_offset must be an integer"))
            sizes.append(_number(parts[1], "var_shape must be an integer"))
        return cls(full_shape=full_shape, var_offset=offsets, var_shape=sizes)

    def to_proto(self, export_scope: str | None = None) -> protos.SaveSliceInfoDef | None:
        """Return a `SaveSliceInfoDef`, with a name relative to a scope; None if outside of it."""
        assert self.full_name is not None
        if export_scope is not None and not self.full_name.startswith(export_scope):
            return None
        return protos.SaveSliceInfoDef(
            full_name=stripped(self.full_name, export_scope),
            full_shape=self.full_shape,
            var_offset=self.var_offset,
            var_shape=self.var_shape,
        )


def _number(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f"Spec string {what}. Found '{text}', which is not an integer.") from error


def stripped(name: str, export_scope: str | None) -> str:
    """Return a name relative to a scope that it lies in."""
    if not export_scope:
        return name
    scope = export_scope.rstrip("/")
    return name.removeprefix(f"{scope}/")


def prepended(name: str, import_scope: str | None) -> str:
    """Return a name that is relative to a scope in full."""
    if not import_scope:
        return name
    return f"{import_scope.rstrip('/')}/{name}"
