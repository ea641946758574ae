"""What customers say: how many of their reviews are good."""

from __future__ import annotations

from keptword.report.blocks import HowWeKnow, Say, Section
from keptword.report.model import Report
from keptword.words import Words


def section(report: Report, words: Words) -> Section | None:
    """Return the section about reviews; None where no file holds any."""
    found = report.reviews
    if found is None:
        return None
    lead = words.say(
        "reviews.lead",
        reviews=words.say("count.review", count=found.good.of),
        count=found.good.count,
        share=words.share(found.good),
    )
    bad = words.say("reviews.bad", count=found.bad.count, share=words.share(found.bad))
    how = HowWeKnow((words.say("how.reviews"), words.say("how.range")))
    return Section("reviews", words.say("reviews.title"), (Say(lead, "lead"), Say(bad), how))
