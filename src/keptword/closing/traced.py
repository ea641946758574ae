"""What stands behind an account: what each entry and each promise posted, and the entries of a promise."""

from __future__ import annotations

from typing import Any, cast

import ibis
from ibis.expr.types import BooleanValue, Table

from keptword.closing.compute import Closer
from keptword.core.promises import AsOf


def fact_postings(closer: Closer, facts: Table) -> Table:
    """Return what each fact posts: one row per `fact_id`, one exact posting per line, at the closing's anchor.

    Each fact is summed as an account of its own, by the same arithmetic: the postings of a user's facts add up to
    what facts post to that user's account.
    """
    theirs = facts.filter(facts.user_key.notnull())
    return closer.posted(theirs.mutate(user_key=theirs.fact_id)).rename(fact_id="user_key")


def promise_postings(closer: Closer, book: Table, *, as_of: AsOf) -> Table:
    """Return what each promise posts: one row per `promise_id` that posts, one exact posting per line."""
    theirs = book.filter(book.user_key.notnull())
    return closer.posted_by(theirs.mutate(user_key=theirs.promise_id), as_of=as_of).rename(promise_id="user_key")


def facts_behind(closer: Closer, promises: Table) -> Table:
    """Return the facts that make, move or end promises: one row per promise and fact, with `behind`, the promise's id.

    Of a promise made by rule these are the entries it counts from and is kept by, and whatever names it.
    """
    told = closer.told()
    asked = promises.select(
        "made_at", "kept_at", behind="promise_id", about="subject", ruled=promises.promise_id.contains("/")
    )
    asked = closer.engine.create("asked", asked)
    named = told.inner_join(asked.select("behind"), told.promise_id == asked.behind)
    ruled = asked.filter(cast(BooleanValue, asked.ruled) & asked.about.notnull())
    meant = told.filter(~told.kind.startswith("promise."))
    pairs = meant.inner_join(ruled, meant.subject == ruled.about)
    at_its_ends = (pairs.occurred_at == pairs.made_at) | (pairs.occurred_at == pairs.kept_at).coalesce(False)
    pairs = pairs.filter(cast(Any, at_its_ends))
    return closer.engine.create("behind", ibis.union(named, pairs.select(*named.columns), distinct=True))
