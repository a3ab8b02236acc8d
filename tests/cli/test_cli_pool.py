"""`resque pool …` below the manager: pools are listed and told things, from any machine."""

from collections.abc import Sequence

import pytest

from resque_core import Resque
from resque_core.clock import from_epoch
from resque_core.pool_info import GroupInfo, PoolInfo, pool_text, read_command
from tests.cli.command import Command

GROUPS = (
    GroupInfo(queues="mail,*", configured=2, wanted=4, pids=(11, 12), backoff=8.0),
    GroupInfo(queues="slow", configured=1, wanted=1, pids=(13,)),
)


def a_pool(resque: Resque, app_name: str, host: str = "web1", groups: Sequence[GroupInfo] = GROUPS) -> str:
    """The id of a pool that was heard of just now."""
    pool = PoolInfo(
        id=f"{host}+1:7:{app_name}",
        app_name=app_name,
        host=host,
        pid=7,
        started_at=from_epoch(1_700_000_000),
        environment="production",
        groups=tuple(groups),
    )
    resque.storage.pools.report(pool.id, pool_text(pool), 60)
    return pool.id


def told(resque: Resque, pool: str) -> list[object]:
    """What the pool is told."""
    return [dict(read_command(it.text)[1]) for it in resque.storage.pools.report(pool, "{}", 60)]


def test_no_pool_was_heard_of(command: Command) -> None:
    said = command("pool", "status")
    assert (said.code, len(said.lines)) == (0, 1)
    assert "No pool was heard of." in said.err
    assert command("pool", "status", "--json").json == []


def test_a_pool_as_json_tells_everything(command: Command, resque: Resque) -> None:
    a_pool(resque, "shop")
    (shape,) = command("pool", "status", "--json").json
    assert 0 < shape.pop("lease_left") <= 60
    groups = shape.pop("groups")
    assert shape.pop("started_at").startswith("2023-11-14T22:13:20")
    assert shape == {
        "id": "web1+1:7:shop",
        "app_name": "shop",
        "host": "web1",
        "pid": 7,
        "environment": "production",
        "state": "running",
    }
    assert groups[0] == {
        "queues": "mail,*",
        "configured": 2,
        "wanted": 4,
        "alive": 2,
        "pids": [11, 12],
        "backoff": 8.0,
    }
    assert groups[1]["alive"] == 1


def test_a_pool_is_a_line_for_each_of_its_groups(command: Command, resque: Resque) -> None:
    a_pool(resque, "shop")
    a_pool(resque, "other", groups=())
    said = command("pool", "status")
    assert [line.split()[0] for line in said.lines[1:]] == ["other", "shop", "shop"]
    assert said.lines[2].split()[-8:] == ["mail,*", "2", "4", "2", "8", "s", "11", "12"]
    assert command("pool", "status", "--appname", "other").lines[1].split()[:4] == said.lines[1].split()[:4]


def test_what_another_version_says_of_itself_is_shown_as_far_as_it_can_be_read(
    command: Command, resque: Resque
) -> None:
    resque.storage.pools.report("a", "no JSON", 60)
    resque.storage.pools.report("b", '{"groups": [3, {"queues": "mail", "pids": ["x"]}], "pid": "seven"}', 60)
    first, second = command("pool", "status", "--json").json
    assert (first["id"], first["groups"], second["pid"]) == ("a", [], 0)
    assert second["groups"][0]["pids"] == [0]
    assert command("pool", "status").code == 0


@pytest.mark.parametrize(
    ("words", "command_"),
    [
        (["scale", "mail,*", "6"], {"verb": "scale", "queues": "mail,*", "workers": 6}),
        (["pause"], {"verb": "pause"}),
        (["resume"], {"verb": "resume"}),
        (["restart"], {"verb": "restart"}),
    ],
)
def test_a_pool_is_told(command: Command, resque: Resque, words: list[str], command_: object) -> None:
    pool = a_pool(resque, "shop")
    said = command("pool", *words)
    assert said.code == 0
    assert pool in said.out
    assert told(resque, pool) == [command_]


def test_of_several_pools_nobody_guesses_which_is_meant(command: Command, resque: Resque) -> None:
    pools = [a_pool(resque, "shop"), a_pool(resque, "shop", "web2"), a_pool(resque, "other", groups=())]
    said = command("pool", "scale", "slow", "3")
    assert said.code == 1
    assert "That could be 2 pools" in said.err
    assert "--host, or --all" in said.err
    assert command("pool", "scale", "slow", "3", "--host", "web2").code == 0
    assert [len(told(resque, pool)) for pool in pools] == [0, 1, 0]


def test_all_of_them_can_be_meant(command: Command, resque: Resque) -> None:
    pools = [a_pool(resque, "shop"), a_pool(resque, "shop", "web2"), a_pool(resque, "other")]
    assert command("pool", "pause", "--appname", "shop", "--all").code == 0
    assert [len(told(resque, pool)) for pool in pools] == [1, 1, 0]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["scale", "mail", "6"], 1, "No such pool has a group 'mail'. There are: 'mail,*', 'slow'."),
        (["scale", "slow", "1001"], 2, "N: 1001 is not a number of workers. Write a whole number from 0"),
        (["pause", "--appname", "none"], 1, "No such pool was heard of. `resque pool status` lists"),
        (["--appname", "shop", "status"], 2, "Write options of `resque pool status` behind that."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_way_out(
    command: Command, resque: Resque, words: list[str], code: int, says: str
) -> None:
    pool = a_pool(resque, "shop")
    said = command("pool", *words)
    assert said.code == code
    assert says in said.err
    assert told(resque, pool) == []
