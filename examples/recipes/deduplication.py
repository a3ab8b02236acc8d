"""Many wishes for the same work, one job.

`unique` does it in the store, in the very step that enqueues: while a job for the same product waits,
another one is not stored. Once a worker has begun it, the next wish counts again, so the last change is
never missed. The second job shows the other way, without the store's help: enqueue as often as you like,
and do nothing when there is nothing left to do.
"""

from typing import ClassVar

from resque_core import Resque, job


class Index:
    """What stands for a search index: the version that each product was indexed in."""

    products: ClassVar[dict[int, int]] = {}
    indexed: ClassVar[dict[int, int]] = {}
    work: ClassVar[int] = 0


@job(queue="search", name="recipes.reindex", unique="until_start")
def reindex(product: int) -> None:
    """Index the product as it is now."""
    Index.work += 1
    Index.indexed[product] = Index.products[product]


@job(queue="search", name="recipes.reindex_if_needed")
def reindex_if_needed(product: int) -> None:
    """The same, and harmless if it runs twice: jobs may, whatever the queue."""
    if Index.indexed.get(product) != Index.products[product]:
        reindex(product)


def change(resque: Resque, product: int) -> None:
    """A program changes a product, ten times in a second if it likes."""
    Index.products[product] = Index.products.get(product, 0) + 1
    resque.enqueue(reindex, product)
