"""Which buckets a line draws from: data, and the least for who has not said."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from lotline.core.carriers.throughput import Metered, brands, buckets_of, unsaid, volumes

LINE = Metered(UUID(int=1), UUID(int=2), "local", "twilio", "AC1", "", "approved")


def test_a_simulated_line_has_none() -> None:
    assert buckets_of(replace(LINE, registration="simulated")) == ()


@pytest.mark.parametrize("kind, most", [("toll_free", 3.0), ("short_code", 100.0)])
def test_a_line_without_a_campaign_has_its_own_alone(kind: str, most: float) -> None:
    (own,) = buckets_of(replace(LINE, kind=kind))
    assert (own.kind, own.per_s, own.burst, own.day_cap) == ("line", most, most, None)


def test_who_has_not_said_has_the_least() -> None:
    own, campaign, company = buckets_of(LINE)
    assert (own.per_s, company.day_cap) == (1.0, 2000)
    assert (campaign, company) == buckets_of(replace(LINE, volume="t", brand="low"))
    assert unsaid() == ("t", "low")


@pytest.mark.parametrize("volume, most", [(one.name, one.most) for one in volumes()])
def test_no_minute_has_more_than_the_campaigns(volume: str, most: int) -> None:
    """Whatever is held at its start and flows in during it, together."""
    campaign, _ = buckets_of(replace(LINE, volume=volume))
    assert campaign.per_s is not None
    assert campaign.burst + 60 * campaign.per_s == pytest.approx(most)
    assert campaign.burst >= 1


def test_lines_of_one_service_share_a_campaign_and_all_lines_the_company() -> None:
    other = replace(LINE, line_id=UUID(int=3))
    apart = replace(other, service="MG1")
    assert buckets_of(LINE)[1:] == buckets_of(other)[1:]
    assert buckets_of(LINE)[1] != buckets_of(apart)[1]
    assert buckets_of(LINE)[2] == buckets_of(apart)[2]
    stranger = replace(LINE, group_id=UUID(int=9))
    assert not set(buckets_of(LINE)) & set(buckets_of(stranger))


def test_every_choice_has_words_and_a_size() -> None:
    for several in (volumes(), brands()):
        assert all(one.label and one.most for one in several)
        assert [one.most for one in several] == sorted((one.most for one in several), reverse=True)
