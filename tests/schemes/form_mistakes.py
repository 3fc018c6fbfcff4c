"""Values of every form that fit nowhere, and what is said of each."""

from tests.schemes.sample import HEAD, RULES, SOURCES, UNKNOWN, rule

FORM_MISTAKES = [
    (
        "money as a float",
        "minimum_spend",
        "{ amount = 2_000_000.0 }",
        (
            ".amount: 2000000.0 is a float, which cannot be exact. Write an amount from 0.01 to "
            '1000000000000, as in 2_000_000, or "0.01" in quotes.'
        ),
    ),
    (
        "thousands separators",
        "minimum_spend",
        '{ amount = "2,000,000" }',
        (
            ".amount: '2,000,000' is not an amount. Write digits with at most two "
            "decimals, as in 1234567.89, without separators."
        ),
    ),
    (
        "negative money",
        "minimum_spend",
        "{ amount = -1 }",
        (
            ".amount: -1 does not fit here. Write an amount from 0.01 to 1000000000000, as in "
            '2_000_000, or "0.01" in quotes.'
        ),
    ),
    (
        "a floor of nothing",
        "minimum_spend",
        "{ amount = 0 }",
        (
            ".amount: 0 does not fit here. Write an amount from 0.01 to 1000000000000, as in "
            '2_000_000, or "0.01" in quotes.'
        ),
    ),
    (
        "a tax with the price in it",
        "net_of_tax",
        '{ ratio = "106/100" }',
        (
            ".ratio: '106/100' does not fit here. Write a ratio in quotes, as in \"20/100\", "
            "above 0 and at most 1."
        ),
    ),
    (
        "a price of nothing",
        "price_at_most",
        "{ amount = 0 }",
        (
            ".amount: 0 does not fit here. Write an amount from 0.01 to 1000000000000, as in "
            '2_000_000, or "0.01" in quotes.'
        ),
    ),
    (
        "not a division code",
        "registered_in",
        '{ places = ["Beijing"] }',
        (
            ".places[0]: 'Beijing' does not fit here. Write the first 2 to 6 digits of a division"
            ' code, as in "11".'
        ),
    ),
    (
        "an empty list",
        "allowed_use",
        "{ uses = [] }",
        (
            ".uses: This is a list. Write a list of 1 to 6 entries, each one of TRAINING, "
            "FINE_TUNING, INFERENCE, TESTING, SCIENCE, OTHER, in quotes."
        ),
    ),
    (
        "a trait with a capital",
        "any_of",
        '{ any_of = [{ label = @A, when = { traits = ["New"] } }] }',
        (
            ".any_of[0].when.traits[0]: 'New' does not fit here. Write a lower-case word in "
            'quotes, as in "start_up".'
        ),
    ),
    (
        "a test that tests nothing",
        "any_of",
        "{ any_of = [{ label = @A, when = { } }] }",
        (
            ".any_of[0].when: This tests nothing. Write at least one test, or leave it out for "
            "every case."
        ),
    ),
    (
        "an alternative without a name",
        "any_of",
        "{ any_of = [{ when = { staff_at_most = 1 } }] }",
        ".any_of[0]: label is missing. Write label = { en, zh }.",
    ),
    (
        "a test there is not",
        "any_of",
        '{ any_of = [{ label = @A, when = { size = ["SMALL"] } }] }',
        ".any_of[0].when.size: There is no key 'size'. Did you mean sizes?",
    ),
    (
        "a scale that is no table",
        "any_of",
        "{ any_of = [{ label = @A, when = { scale_at_least = 3 } }] }",
        (
            ".any_of[0].when.scale_at_least: 3 does not fit here. Write a table of 1 to 100 "
            "entries, each a whole number from 1 to 10000000."
        ),
    ),
    (
        "a scale of no word",
        "any_of",
        '{ any_of = [{ label = @A, when = { scale_at_least = { "P flops" = 3 } } }] }',
        (
            ".any_of[0].when.scale_at_least.P flops: 'P flops' does not fit here. Write a "
            'lower-case word in quotes, as in "start_up".'
        ),
    ),
    (
        "a call that ends first",
        "applied_within",
        "{ first = 2025-02-01, last = 2025-01-01 }",
        (": The last day, 2025-01-01, comes before the first, 2025-02-01. Swap or correct them."),
    ),
    (
        "a request between nothing",
        "request_between",
        "{ at_least = 2, at_most = 1 }",
        ": at_most is below at_least. Swap or correct them.",
    ),
    (
        "a window that ends first",
        "cost_window",
        '{ first = 2025-02-01, last = 2025-01-01, day_count = "INCLUSIVE" }',
        (": The last day, 2025-01-01, comes before the first, 2025-02-01. Swap or correct them."),
    ),
    (
        "two lower bounds",
        "tiered_rate",
        '{ @TIERED, tiers = [{ label = @A, at_least = 1, above = 1, ratio = "1/2" }] }',
        ".tiers[0]: at_least and above both set one bound. Keep one of them.",
    ),
    (
        "two upper bounds",
        "tiered_rate",
        '{ @TIERED, tiers = [{ label = @A, at_most = 1, below = 1, ratio = "1/2" }] }',
        ".tiers[0]: at_most and below both set one bound. Keep one of them.",
    ),
    (
        "bounds the wrong way round",
        "tiered_rate",
        '{ @TIERED, tiers = [{ label = @A, at_least = 2, at_most = 1, ratio = "1/2" }] }',
        ".tiers[0]: No amount lies between the bounds. Swap or correct them.",
    ),
    (
        "bounds with nothing between",
        "tiered_rate",
        '{ @TIERED, tiers = [{ label = @A, at_least = 1, below = 1, ratio = "1/2" }] }',
        ".tiers[0]: No amount lies between the bounds. Swap or correct them.",
    ),
    (
        "a tier without a ratio",
        "tiered_rate",
        "{ @TIERED, tiers = [{ label = @A }] }",
        (
            '.tiers[0]: ratio is missing. Write ratio = a ratio in quotes, as in "20/100", above '
            "0 and at most 1."
        ),
    ),
    (
        "a cap counted nowhere",
        "cap",
        '{ scope = "FIRM", amount = 1, counted_on = [] }',
        (
            ".counted_on: This is a list. Write a list of 1 to 2 entries, each one of AWARD, "
            "CLAIM, in quotes."
        ),
    ),
    (
        "a cap of no scope",
        "cap",
        '{ scope = "YEAR", amount = 1 }',
        (
            ".scope: 'YEAR' does not fit here. Write one of CLAIM, CONTRACT, PROVIDER_YEAR, "
            "FIRM_YEAR, FIRM, GROUP_YEAR, GROUP, in quotes."
        ),
    ),
    (
        "a cap for no case",
        "cap",
        '{ scope = "FIRM", amount = 1, when = { } }',
        ".when: This tests nothing. Write at least one test, or leave it out for every case.",
    ),
    (
        "tranches of a pot that are not all of it",
        "pot",
        ('{ amount = 9, tranches = [{ month = 1, ratio = "1/2" }, { month = 7, ratio = "1/3" }] }'),
        ": The ratios together are 5/6, not 1. Correct them.",
    ),
    (
        "tranches of a pot out of order",
        "pot",
        ('{ amount = 9, tranches = [{ month = 7, ratio = "1/2" }, { month = 1, ratio = "1/2" }] }'),
        ": The months are not in order. Put the tranches in order of months.",
    ),
    (
        "two tranches of one month",
        "pot",
        (
            '{ amount = 9, tranches = [{ month = 7, ratio = "1/2" }, { month = 7, ratio = "1/3" '
            '}, { month = 8, ratio = "1/6" }] }'
        ),
        ": The months are not in order. Put the tranches in order of months.",
    ),
    (
        "a thirteenth month",
        "pot",
        '{ amount = 9, tranches = [{ month = 13, ratio = "1/1" }] }',
        ".tranches[0].month: 13 does not fit here. Write a whole number from 1 to 12.",
    ),
    (
        "shares that are more than all",
        "funding_split",
        (
            '{ shares = [{ funder = "city", label = { en = "city", zh = "市" }, ratio = "2/3" }, {'
            ' funder = "district", label = { en = "district", zh = "区" }, ratio = "2/3" }] }'
        ),
        ": The ratios together are 4/3, not 1. Correct them.",
    ),
    (
        "parts that are less than all",
        "tranches",
        '{ parts = [{ ratio = "1/2", on = "AWARD" }, { ratio = "1/4", on = "REPORT" }] }',
        ": The ratios together are 3/4, not 1. Correct them.",
    ),
    (
        "a sure score without a draw",
        "shortage",
        '{ shortage = "RANKED", sure_score = 70 }',
        ": sure_score belongs to LOTTERY. Leave it out.",
    ),
    (
        "a least score for who comes first",
        "shortage",
        '{ shortage = "FIRST_COME", least_score = 60 }',
        ": least_score belongs to RANKED and LOTTERY. Leave it out.",
    ),
    (
        "a least score for a shared pot",
        "shortage",
        '{ shortage = "PRO_RATA", least_score = 60 }',
        ": least_score belongs to RANKED and LOTTERY. Leave it out.",
    ),
    (
        "a draw of nobody",
        "shortage",
        '{ shortage = "LOTTERY", least_score = 70, sure_score = 70 }',
        ": sure_score must lie above least_score: nothing would be drawn.",
    ),
    (
        "reviewers out of order",
        "review",
        "{ tiers = [{ reviewer = @A, at_most = 9 }, { reviewer = @B, at_most = 9 }] }",
        ": The tiers are not in order. Put the smallest first, the open one last.",
    ),
    (
        "a reviewer after the one of everything",
        "review",
        "{ tiers = [{ reviewer = @A }, { reviewer = @B, at_most = 9 }] }",
        ": The tiers are not in order. Put the smallest first, the open one last.",
    ),
    (
        "reports out of order",
        "reporting",
        "{ after_months = [6, 3] }",
        ": The months are not in order. Put the earliest first.",
    ),
    (
        "interest above the whole",
        "clawback",
        (
            '{ triggers = ["MISUSE"], ratio = "1/1", interest_per_year = "2/1", exclusion_years ='
            " 0 }"
        ),
        (
            ".interest_per_year: '2/1' does not fit here. Write a ratio in quotes, as in "
            '"20/100", at least 0 and at most 1.'
        ),
    ),
    (
        "a clawback of nothing",
        "clawback",
        (
            '{ triggers = ["MISUSE"], ratio = "0/1", interest_per_year = "0/1", exclusion_years ='
            " 0 }"
        ),
        (
            ".ratio: '0/1' does not fit here. Write a ratio in quotes, as in \"20/100\", above 0 "
            "and at most 1."
        ),
    ),
]
"""Name, form, value, and what follows the place of the value in the message."""

_SHORT = {
    "@A": '{ en = "a", zh = "甲" }',
    "@B": '{ en = "b", zh = "乙" }',
    "@TIERED": 'measure = "COST", basis = "WHOLE", up_to = true',
}


def with_form(form: str, value: str) -> tuple[str, int]:
    """The sample with one more rule of a form in place of its own; and the line of its value."""
    for short, long in _SHORT.items():
        value = value.replace(short, long)
    kept = [own for own in RULES if f'form = "{form}"' not in own]
    unknown = [own for own in UNKNOWN if f'form = "{form}"' not in own]
    if form == "tiered_rate":
        kept.remove(RULES[1])
    text = HEAD + SOURCES + "".join(kept) + "".join(unknown) + rule("more", form, value)
    return text, text.splitlines().index(f"value = {value}") + 1
