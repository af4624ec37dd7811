"""Stream a piece into a program of one's own, block by block, in flat memory however long it is.

Here the program only draws a meter; a real one hands the blocks to its sound card or its network.
Run it in any folder:  python stream_blocks.py
"""

from contextlib import closing
from itertools import islice

import numpy as np

import calmando

SECONDS = 20
BLOCK_FRAMES = 4_410  # a tenth of a second

recipe = calmando.recipe("deep-sleep", seed=3, minutes=480)
with closing(calmando.stream(recipe, block_frames=BLOCK_FRAMES)) as blocks:
    for number, block in enumerate(islice(blocks, SECONDS * 10)):  # float32, shape (frames, 2)
        level_db = 20 * np.log10(max(float(np.sqrt(np.mean(block**2))), 1e-6))
        if number % 10 == 0:
            print(f"{number // 10:3d} s {'#' * int(max(level_db + 60, 0))}")
