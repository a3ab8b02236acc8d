"""`resque web` shows times in the zone of its machine."""

from pathlib import Path
from zoneinfo import available_timezones

import pytest

from django_resque.web import local_zone
from django_resque.web.application import settings_of
from django_resque.web.options import WebOptions


@pytest.mark.skipif("Asia/Tokyo" not in available_timezones(), reason="This machine knows no time zones.")
@pytest.mark.parametrize(
    ("variable", "target", "zone"),
    [
        ("Europe/Berlin", "/usr/share/zoneinfo/Asia/Tokyo", "Europe/Berlin"),
        (":Europe/Berlin", "", "Europe/Berlin"),
        ("", "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("CET-1CEST,M3.5.0,M10.5.0", "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("../../etc/passwd", "/nowhere", "UTC"),
        ("No/Where", "/nowhere", "UTC"),
    ],
)
def test_the_zone_is_that_of_the_variable_or_of_the_link(
    variable: str, target: str, zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "localtime"
    link.symlink_to(target or "/nowhere")
    monkeypatch.setattr(local_zone, "LINK", link)
    monkeypatch.setenv("TZ", variable)
    assert local_zone.local_zone() == zone
    assert settings_of(WebOptions(url="sqlite:///x", namespace="resque"))["TIME_ZONE"] == zone
