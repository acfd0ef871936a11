"""`manage.py demo`: a demo venue with an evening played through the API; or a recorded day, replayed."""

import asyncio
import random
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm  # type: ignore[import-untyped]

from core import environment as env
from devserver.demo import arrivals, day, setup
from devserver.demo.client import Api, Tally
from devserver.demo.plan import Plan
from devserver.demo.player import CannotOpen, Line, Player, open_line
from devserver.demo.poll import ask_the_room
from devserver.demo.watchers import Watchers
from queues import commands
from queues.commands.replay import MOST_TIME_SCALE
from venues.models import MOST_GUESTS, ON_MY_WAY_S, SHORTEST_WINDOW_S

EVENING_SPEED, DAY_SPEED = 240, 60
# A name that is true on each day: a replay ends when it is played.
EVENING, RECORDED_DAY = "An evening, replayed", "A recorded day"
# Real seconds, as on a console. The plan answers calls within arrivals.CALL_WINDOW_S at any speed.
CALL_WINDOW_S = 600
# Long, so that no call of tonight's line ends while a newcomer looks around.
TONIGHT_PARTIES, TONIGHT_CALLED, TONIGHT_WINDOW_S = 14, 2, 1800


class Command(BaseCommand):
    help = (
        "Makes the demo venue, plays an evening through the running program's API and opens tonight's line. "
        "With --arrivals and --service: replays a recorded day instead and counts what goes wrong (exit code 1)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What the help shows."""
        parser.add_argument(
            "--setup-only", action="store_true", help="only the venue and its people; prints the sign-in"
        )
        parser.add_argument("--url", help="where the program answers; default: HOST and PORT")
        parser.add_argument("--speed", type=int, help=f"times faster than real ({EVENING_SPEED}; a day {DAY_SPEED})")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another evening")
        parser.add_argument("--parties", type=int, default=arrivals.PARTIES, help="how many come to the evening")
        parser.add_argument(
            "--left-alone", action="store_true",
            help="no host acts in the second half: calls run out, and no party may lose its place by the clock",
        )  # fmt: skip
        parser.add_argument("--arrivals", type=Path, metavar="FILE", help="CSV, column arrival_s: seconds from opening")
        parser.add_argument("--service", type=Path, metavar="FILE", help="CSV, column service_s: seconds of service")
        parser.add_argument("--pollers", type=int, default=0, help="guests who poll the public snapshot all the while")
        parser.add_argument("--sockets", type=int, default=0, help="WebSockets that are open all the while")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when the program does not answer, or when a played action failed."""
        speed = options["speed"]
        if speed is not None and not 1 <= speed <= MOST_TIME_SCALE:
            raise CommandError(f"--speed must be from 1 to {MOST_TIME_SCALE}.")
        if (options["arrivals"] is None) != (options["service"] is None):
            raise CommandError("--arrivals and --service go together.")
        if not 1 <= options["parties"] <= 500 or options["pollers"] < 0 or options["sockets"] < 0:
            raise CommandError("--parties must be from 1 to 500, --pollers and --sockets 0 or more.")
        recorded = self._day(options) if options["arrivals"] is not None else None
        sign_in = setup.set_up()
        if options["setup_only"]:
            self.stdout.write("\n".join(sign_in.lines()))
            return
        tally = Tally()
        api = Api(options["url"] or own_url(), tally)
        try:
            title, speed = (RECORDED_DAY, speed or DAY_SPEED) if recorded else (EVENING, speed or EVENING_SPEED)
            plan = recorded or arrivals.evening(options["seed"], parties=options["parties"])
            if options["left_alone"]:
                plan = plan.left_alone()
            line = self._play(api, plan, title, speed, sign_in.api_key, options)
            if recorded is None:
                self._tonight(api, sign_in.api_key, options["seed"])
        except CannotOpen as problem:
            raise CommandError(str(problem)) from None
        finally:
            api.close()
        self._summary(tally, plan, line, speed)
        if tally.errors:
            raise CommandError(f"{tally.errors} errors: " + "; ".join(tally.problems))

    def _day(self, options: dict[str, Any]) -> Plan:
        try:
            times = day.read_column(options["arrivals"], "arrival_s")
            known = day.read_column(options["service"], "service_s")
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        services = day.service_times(known, len(times), seed=options["seed"])
        servers = day.servers_needed(times, services)
        plan = day.day(times, services, servers=servers)
        self.stdout.write(
            f"{len(times)} arrivals in {plan.length_s / 3600:.1f} h, {servers} servers; by the model: median wait "
            f"{plan.median_wait_s() or 0:.0f} s, at most {day.longest_line(plan)} in line."
        )
        return plan

    def _play(self, api: Api, plan: Plan, title: str, speed: int, key: str, options: dict[str, Any]) -> Line:
        """Opens the line, plays the plan in it, checks every party and closes it."""
        room_for = min(sum(guest.size for guest in plan.guests), MOST_GUESTS)  # enough for all guests at once
        line = open_line(
            api,
            api_key=key,
            eventName=title,
            maxGuests=room_for,
            **self._calls(speed, left_alone=options["left_alone"]),
        )
        commands.mark_replay(line.code, time_scale=speed)
        self.stdout.write(f"{title}: {api.url}/queue/{line.code}, {speed} times faster than real.")
        watchers = None
        if options["pollers"] or options["sockets"]:
            watchers = Watchers(
                api.url, line.code, line.token, api.tally, pollers=options["pollers"], sockets=options["sockets"]
            )
        # Without a terminal (under the supervisor) a progress bar would fill the log.
        with tqdm(total=len(plan.actions), unit=" actions", disable=None) as bar:
            player = Player(
                api, line, plan, speed=speed, tables=setup.clear_tables(), watchers=watchers, progress=bar.update
            )
            asyncio.run(_play(player))
        return line

    def _calls(self, speed: int, *, left_alone: bool) -> dict[str, Any]:
        """The line's rules for calls. Where hosts follow the plan, calls last longer than the plan needs. In a line that hosts
        leave alone, calls run out after the plan's call window at this speed."""
        if not left_alone:
            return {"callWindowSeconds": CALL_WINDOW_S, "autoAdvance": False, "autoNoShow": False}
        window_s = max(arrivals.CALL_WINDOW_S // speed, SHORTEST_WINDOW_S)
        return {"callWindowSeconds": window_s, "autoAdvance": True, "autoNoShow": False, "onMyWaySeconds": window_s}

    def _tonight(self, api: Api, key: str, seed: int) -> None:
        """Opens tonight's line with parties in it, for a look at the console."""
        line = open_line(
            api, api_key=key, eventName="Tonight", maxGuests=120, callWindowSeconds=TONIGHT_WINDOW_S, autoAdvance=False,
            autoNoShow=False, onMyWaySeconds=ON_MY_WAY_S, location="Via della Prova 1",
        )  # fmt: skip
        guests = arrivals.guests(random.Random(seed + 1), TONIGHT_PARTIES)  # noqa: S311 — a story, not a secret
        joined = []
        for guest in guests:
            answer = api.request("POST", f"/api/queue/{line.code}/join", {"name": guest.name, "size": guest.size})
            if answer.status != 200:
                api.tally.wrong(f"tonight's line: {answer.status} {answer.body}", status=answer.status)
                continue
            joined.append({"partyId": answer.body["partyId"]})
        for body in joined[:TONIGHT_CALLED]:
            api.request("POST", f"/api/queue/{line.code}/call", body, x_host_auth=line.token)
        for body in joined[TONIGHT_CALLED : TONIGHT_CALLED + 3]:
            api.request("POST", f"/api/queue/{line.code}/declare-nearby", body)
        self.stdout.write(f"Tonight's line is open: {api.url}/queue/{line.code}")
        parties = [body["partyId"] for body in joined]
        for sentence in ask_the_room(
            api, key=key, line_code=line.code, line_token=line.token, parties=parties[:-4], seed=seed
        ):
            self.stdout.write(sentence)

    def _summary(self, tally: Tally, plan: Plan, line: Line, speed: int) -> None:
        """The figures of a played evening, as text."""
        share = 100 * tally.not_modified / tally.polls if tally.polls else 0.0
        self.stdout.write(
            f"Line {line.code}: {tally.joins} joined, {tally.served} served, {tally.no_shows} no-shows, {tally.left} left "
            f"in {tally.seconds:.0f} s ({plan.length_s / max(tally.seconds, 0.001):.0f} times real, asked for {speed}); "
            f"at most {tally.most_in_line} in line.\n"
            f"Actions answered within {tally.latency_ms(0.5):.0f} ms (half), {tally.latency_ms(0.99):.0f} ms (99 %), the latest "
            f"{tally.latest_s:.1f} s after its time. "
            f"{tally.polls} polls, {share:.0f} % of them 304; {tally.sockets_opened} sockets, "
            f"{tally.socket_messages} messages.\n"
            f"{tally.errors} errors, {tally.server_errors} of them 5xx, {tally.lost} lost parties, "
            f"{tally.limited} times slowed down by a rate limit."
        )


async def _play(player: Player) -> None:
    if player.watchers is not None:
        await player.watchers.start()
    await player.play()
    await player.check()
    await player.close()
    if player.watchers is not None:
        await player.watchers.stop()


def own_url() -> str:
    """This installation's address, by HOST and PORT."""
    host = env.text("HOST", "127.0.0.1")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 — compared with, not bound to
    return f"http://{f'[{host}]' if ':' in host else host}:{env.number('PORT', 8000, least=1, most=65_535)}"
