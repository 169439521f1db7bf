"""What holds for one candidate: the rules of the quiz and what was granted beyond them. Pure: no ORM.

Several grants do not add up. Of each kind the most generous holds, the rule of the quiz being one of them:

- **opens / closes**: the earliest opening, the latest closing; none at all is the most generous;
- **time**: the grant that gives the most; within one grant, first the factor, then the minutes;
- **attempts**: the largest number of extra ones;
- **passwords**: each of them opens, the quiz's own too;
- **addresses**: each of the networks is a room of the exam, the quiz's own too.

Extra time also moves what closes the paper of a running sitting: somebody with half an hour more who starts with all the
others has it in full. It does not move the moment until which one may start.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Grant:
    """One accommodation, as the merging needs it."""

    extra_minutes: int = 0
    time_factor: Decimal = Decimal(1)
    extra_attempts: int = 0
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    ip_ranges: str = ""
    password: str = ""

    def time_for(self, seconds: int) -> int:
        """So many seconds by the rules are so many for this candidate."""
        return math.ceil(seconds * self.time_factor) + 60 * self.extra_minutes


@dataclass(frozen=True, slots=True)
class Terms:
    """When, how often, how long, from where and with which word this candidate may sit."""

    opens_at: datetime | None
    closes_at: datetime | None
    attempts_allowed: int | None
    rule_closes_at: datetime | None = None
    passwords: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    grants: tuple[Grant, ...] = ()

    def time_for(self, seconds: int, *, of: int | None = None) -> int:
        """How many seconds this candidate has where the rules give `seconds`, or a part of `seconds` of so many."""
        if of:
            return math.ceil(Decimal(seconds) * self.time_for(of) / of)
        return max([seconds, *(grant.time_for(seconds) for grant in self.grants)])

    def extra_seconds(self, limit: int | None) -> int:
        """By how much extra time moves a deadline: of a paper with `limit` seconds, or with none at all."""
        return self.time_for(limit or 0) - (limit or 0)

    def deadline(self, *, started_at: datetime, limit: int | None) -> datetime | None:
        """When a paper of `limit` seconds that was started then is over, pauses and later extensions aside."""
        own = started_at + timedelta(seconds=self.time_for(limit)) if limit is not None else None
        if self.closes_at is None:
            return own
        closes = self.closes_at + timedelta(seconds=self.extra_seconds(limit))
        return closes if own is None else min(own, closes)

    def granted_seconds(self, *, started_at: datetime, limit: int | None) -> int:
        """How many seconds of `deadline` are granted: it is so much later than by the rules alone."""
        granted = self.deadline(started_at=started_at, limit=limit)
        rules = Terms(None, self.rule_closes_at, None).deadline(started_at=started_at, limit=limit)
        return max(int((granted - rules).total_seconds()), 0) if granted is not None and rules is not None else 0

    def knows_password(self, given: str) -> bool:
        """Whether `given` opens, in a time that does not tell how much of it was right; yes when there is none."""
        if not self.passwords:
            return True
        tried = " ".join(given.split()).encode()
        found = [hmac.compare_digest(tried, " ".join(word.split()).encode()) for word in self.passwords]
        return any(found)

    def takes_address(self, address: str) -> bool:
        """Whether `address` is in a room of the exam; an unknown one is only where no room is named."""
        if not self.networks:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in self.networks)


def merged_terms(
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    attempts_allowed: int | None,
    password: str = "",
    ip_ranges: str = "",
    grants: Iterable[Grant] = (),
) -> Terms:
    """The rules of a quiz with these grants, by the rules above. Raises ValueError for what is no network."""
    granted = tuple(grants)
    opening = [grant.opens_at for grant in granted if grant.opens_at is not None]
    closing = [grant.closes_at for grant in granted if grant.closes_at is not None]
    own_words = [grant.password for grant in granted if grant.password]
    networks = read_networks(ip_ranges)
    if ip_ranges.strip():
        networks += tuple(network for grant in granted for network in read_networks(grant.ip_ranges))
    more = max([0, *(grant.extra_attempts for grant in granted)])
    return Terms(
        opens_at=min([opens_at, *opening]) if opens_at is not None else None,
        closes_at=max([closes_at, *closing]) if closes_at is not None else None,
        attempts_allowed=attempts_allowed + more if attempts_allowed is not None else None,
        rule_closes_at=closes_at,
        passwords=tuple(dict.fromkeys([password, *own_words])) if password else (),
        networks=tuple(dict.fromkeys(networks)),
        grants=granted,
    )


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks of a text, one a line (or with commas); a host bit too many is forgiven. Raises ValueError."""
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return tuple(ip_network(part, strict=False) for part in parts if part)
