"""How much a picture may be; what is larger is refused before any of it is decoded."""

from __future__ import annotations

# The largest cameras that sell make 12,000 pixels a side and, at that, less than 40 megapixels in a web export.
SIDE_PX = 12_000
PIXELS = 40_000_000
# The stored original fits into this square: twice the widest preset, for screens of double density.
STORED_SIDE_PX = 2560
# Measured: 40 megapixels with alpha take 0.5 GB; the interpreter with Pillow's libraries maps 0.2 GB before that.
PROCESS_BYTES = 1536 * 1024**2
PROCESS_CPU_S = 20
PROCESS_WALL_S = 40.0
# A result is a handful of WebP and AVIF files; nothing that a decoder does may fill the disk.
WRITTEN_FILE_BYTES = 64 * 1024**2
PER_PRODUCT = 50
ALT_LENGTH = 500
