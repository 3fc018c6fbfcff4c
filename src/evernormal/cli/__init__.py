"""The command line: run a year, explain a number, verify the books."""

import click

from evernormal.cli.agent import agent
from evernormal.cli.catalogue import catalogue
from evernormal.cli.explain import explain
from evernormal.cli.market import market
from evernormal.cli.plan import plan_group
from evernormal.cli.rules import rules
from evernormal.cli.run import run
from evernormal.cli.serve import serve
from evernormal.cli.usage import usage
from evernormal.cli.verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="evernormal")
def main() -> None:
    """Run public computing-voucher programmes (算力券) whose every number anyone can re-run."""


main.add_command(run)
main.add_command(serve)
main.add_command(explain)
main.add_command(verify)
main.add_command(rules)
main.add_command(plan_group)
main.add_command(usage)
main.add_command(agent)
main.add_command(market)
main.add_command(catalogue)
