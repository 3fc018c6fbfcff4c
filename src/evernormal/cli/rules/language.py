"""The language that a command speaks."""

import click

lang_option = click.option(
    "--lang",
    type=click.Choice(["en", "zh_Hans"]),
    default="en",
    show_default=True,
    help="Language of the words.",
)
