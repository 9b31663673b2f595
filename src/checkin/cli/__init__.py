"""The command line: every verb of the product, each with a help that teaches."""

import click

from checkin.cli.alerts import alerts
from checkin.cli.database import settings_or_exit
from checkin.cli.demo import demo
from checkin.cli.documents import openapi, secrets, vapid
from checkin.cli.holidays import holidays
from checkin.cli.mentors import mentors
from checkin.cli.nudge_plans import plan
from checkin.cli.nudges import nudges
from checkin.cli.outbox import outbox
from checkin.cli.people import people, token
from checkin.cli.processes import migrate_command, serve, worker
from checkin.cli.programs import programs
from checkin.cli.roster import assign, cover, end, invite, list_people, show, transfer
from checkin.cli.screen import screen
from checkin.cli.sms import sms
from checkin.cli.texts import texts
from checkin.cli.trend import trend

__all__ = ["main", "settings_or_exit"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="checkin")
def main() -> None:
    """Daily mood and hope check-ins, and a peer mentor who hears when someone is falling.

    \b
    checkin demo                     see it work, with pretend phones
    checkin people import people.csv bring in a program
    checkin serve, checkin worker    run it
    """


sms.add_command(screen)
nudges.add_command(plan)
programs.add_command(holidays)
for verb in (list_people, show, invite, assign, transfer, cover, end):
    people.add_command(verb)
for verb in (
    *(demo, serve, worker, migrate_command, alerts, mentors, nudges, outbox, people, programs, token, trend, sms),
    *(texts, openapi, secrets, vapid),
):
    main.add_command(verb)
