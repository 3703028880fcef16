"""How TFRecord files are compressed."""

from __future__ import annotations

from typing import Any, ClassVar, Final


class TFRecordCompressionType:
    """The compressions of TFRecord files."""

    NONE: Final = 0
    ZLIB: Final = 1
    GZIP: Final = 2


class TFRecordOptions:
    """How a TFRecord file is compressed.

    Args:
      compression_type: one of `TFRecordCompressionType`, or its name; None for no compression.
      flush_mode, input_buffer_size, output_buffer_size, window_bits: for zlib; None for its own.
      compression_level, compression_method, mem_level, compression_strategy: as well.

    Raises:
      ValueError: there is no such compression.
    """

    compression_type_map: ClassVar[dict[int, str]] = {
        TFRecordCompressionType.ZLIB: "ZLIB",
        TFRecordCompressionType.GZIP: "GZIP",
        TFRecordCompressionType.NONE: "",
    }

    def __init__(
        self,
        compression_type: Any = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """Return the name of a compression: `ZLIB`, `GZIP`, or "" for none.

        Args:
          options: a `TFRecordOptions`, one of `TFRecordCompressionType`, or the name.

        Raises:
          ValueError: there is no such compression.
        """
        if isinstance(options, TFRecordOptions):
            options = options.compression_type
        if not options:
            return ""
        if options in cls.compression_type_map:
            return cls.compression_type_map[options]
        if options in cls.compression_type_map.values():
            return str(options)
        raise ValueError(f'Not a valid compression_type: "{options}"')
