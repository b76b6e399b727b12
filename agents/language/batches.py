"""Cutting work into batches that pad little."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

PADDED_TOKENS = 4096  # bounds the logits of one batch: at 49 thousand tokens of vocabulary, 0.8 GB in float32
STEP = 16  # padded lengths are multiples of this: every new tensor shape costs set-up time on a CPU


def padded(length: int) -> int:
    """Length rounded up to a multiple of STEP."""
    return -(-length // STEP) * STEP


def length_batches(lengths: Sequence[int], keys: Sequence[Hashable], size: int) -> list[list[int]]:
    """Group item indices into batches of one key, similar lengths and bounded padded size.

    Args:
        lengths: Length in tokens of each item.
        keys: What must not be mixed (the adapter), one per item.
        size: Most items in a batch.

    Returns:
        Batches of indices; each index once. Keys in order of appearance, lengths descending, so that the
        largest batch comes first and a lack of memory shows at once.
    """
    batches: list[list[int]] = []
    for key in dict.fromkeys(keys):
        batch: list[int] = []
        for index in sorted((i for i, k in enumerate(keys) if k == key), key=lambda i: -lengths[i]):
            if batch and (len(batch) == size or (len(batch) + 1) * padded(lengths[batch[0]]) > PADDED_TOKENS):
                batches.append(batch)
                batch = []
            batch.append(index)
        batches.append(batch)
    return batches
