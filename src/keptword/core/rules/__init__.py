"""Rules: promises made to everybody at once, read from a sentence or a TOML file and told back as one."""

from keptword.core.rules.condition import Comparison, Condition, parse_condition
from keptword.core.rules.model import (
    KEPT_BY,
    STARTS,
    Amount,
    Rule,
    RuleBook,
    Settings,
    Unit,
    rule,
    rule_book,
)
from keptword.core.rules.sentence import parse_amount, parse_promise
from keptword.core.rules.toml_file import as_toml, rules_from_toml, settings_from
from keptword.core.rules.wording import describe

__all__ = [
    "KEPT_BY",
    "STARTS",
    "Amount",
    "Comparison",
    "Condition",
    "Rule",
    "RuleBook",
    "Settings",
    "Unit",
    "as_toml",
    "describe",
    "parse_amount",
    "parse_condition",
    "parse_promise",
    "rule",
    "rule_book",
    "rules_from_toml",
    "settings_from",
]
