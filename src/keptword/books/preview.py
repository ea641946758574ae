"""What a rule would make of the books: how many promises a month, and how many of them would have been kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from keptword.books.engine import engine_for
from keptword.books.facts import live_facts
from keptword.books.failing import told
from keptword.books.opened import Books, Say
from keptword.core.rates import Share, wilson
from keptword.core.rules import Rule, describe
from keptword.engines import clocks, traits
from keptword.engines.judging import Judging, Span, judged

MONTH_DAYS = 30.44


@dataclass(frozen=True)
class Preview:
    """What a rule would have made of the entries there are: counted over `days`, judged as of the end of them."""

    rule: Rule
    made: int
    days: int
    share: Share

    @property
    def sentence(self) -> str:
        """The preview in words."""
        said = describe(self.rule)
        if not self.made:
            return f"{said} Nothing in your books would have made this promise."
        a_month = self.made / max(self.days / MONTH_DAYS, 1)
        told = f"{said} This would make about {a_month:,.0f} promises a month ({self.made:,} in {self.days:,} days)."
        share = self.share
        if share.value is None or share.low is None or share.high is None:
            return told + " None of them is decided yet."
        return (
            told + f" {100 * share.value:.0f} in 100 would have been kept ({100 * share.low:.0f} to "
            f"{100 * share.high:.0f}, of {share.of:,} decided)."
        )


def previewed(books: Books, rule: Rule, *, say: Say) -> Preview:
    """Judge all entries by a rule as if it had been told all along; nothing is recorded."""
    whole = replace(rule, since=None, until=None)
    settings = books.business.settings
    as_of = clocks.as_of(books.today, timezone=books.timezone)
    with engine_for(books) as engine:
        say("Reading the books …")
        with told(books.folder, doing="reading the books"):
            facts = engine.load("live", live_facts(books, engine))

        def span(_: object) -> Span:
            row = engine.rows(facts.agg(first=facts.occurred_on.min(), last=facts.occurred_on.max()))[0]
            return min(row["first"] or as_of.day, as_of.day), max(row["last"] or as_of.day, as_of.day)

        by = Judging(
            as_of=as_of,
            calendar=lambda reach: settings.calendar(years=range(reach[0].year, reach[1].year + 3)),
            span=span,
            traits=lambda name: traits.trait(engine, facts, name=name),
        )
        say("Judging …")
        rows = judged(engine, facts, said=whole, by=by)
        counts = engine.rows(
            rows.agg(
                made=rows.count(),
                kept=(rows.state == "kept").sum().coalesce(0),
                failed=rows.state.isin(["late", "waiting"]).sum().coalesce(0),
                first=rows.event_on.min(),
                last=rows.event_on.max(),
            )
        )[0]
    days = (counts["last"] - counts["first"]).days + 1 if counts["made"] else 0
    share = wilson(counts["kept"], counts["kept"] + counts["failed"])
    return Preview(rule, int(counts["made"]), days, share)
