"""What a rule is called, in the reader's language."""

from evernormal.domain.policy import Scheme
from evernormal.formats.explanation import in_language
from evernormal.locale import Words


def rule_label(scheme: Scheme, rule_id: str, say: Words) -> str:
    """A rule's own name, or the word for what bound where no rule did."""
    known = {rule.id: rule for rule in scheme.rules}
    if rule_id not in known:
        return say.word("limb", rule_id or "none")
    return in_language(known[rule_id].label, say)
