"""Writes an invented shop as the very files a real shop would have, with the truth beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from keptword.core.problems import KeptwordError
from keptword.simulate.exports import shopify, woocommerce
from keptword.simulate.exports.judgeme import write_reviews
from keptword.simulate.exports.mail import write_mailbox
from keptword.simulate.exports.progress import Progress
from keptword.simulate.truth import truth
from keptword.simulate.world import World

ExportKind = Literal["shopify", "woocommerce"]


def write(
    world: World, *, kind: ExportKind, folder: Path, mail: bool = True, progress: Progress | None = None
) -> list[Path]:
    """Write the shop's exports and `truth.json` into the folder, and return their paths, the orders first.

    The folder is made where it does not exist; files of the same names are replaced. Without `mail` there is
    no mailbox, which for millions of orders takes longest. Raises `KeptwordError` where it cannot write.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "shopify":
            paths = [
                shopify.write_orders(world, path=folder / "orders_export.csv", progress=progress),
                shopify.write_products(path=folder / "products_export.csv"),
            ]
        else:
            paths = [
                woocommerce.write_csv(world, path=folder / "orders.csv", progress=progress),
                woocommerce.write_json(world, path=folder / "orders.json", progress=progress),
            ]
        paths.append(write_reviews(world, path=folder / "reviews.csv"))
        if mail:
            paths.append(write_mailbox(world, path=folder / "mailbox.mbox", progress=progress))
        paths.append(_write_truth(world, folder / "truth.json"))
    except OSError as problem:
        raise KeptwordError(
            f"The invented shop's files could not be written to {folder}: {problem.strerror or problem}. "
            "Name a folder you may write to, or make room on the disk."
        ) from problem
    return paths


def _write_truth(world: World, path: Path) -> Path:
    path.write_text(json.dumps(truth(world), ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path


__all__ = ["ExportKind", "Progress", "write"]
