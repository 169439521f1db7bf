"""One device at a time: the candidate chooses, and the log says which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from assessments.exceptions import SittingClosed
from assessments.models import ResponseEvent, Sitting
from assessments.papers.disguise import disguised_response
from assessments.services.event_log import append_events, server_event
from assessments.services.responses import HasKey, deadline_of, is_over, refuse_malformed_device
from assessments.services.sheets import sheet_of
from common.crypto import keyed_index
from common.locking import lock_row

SHORT = 16  # digits of a digest: enough to tell devices of one candidate apart


@dataclass(frozen=True, slots=True)
class Synchronised:
    """What a device needs to go on: the log's end, and per slot what was answered last, as the form names it."""

    last_seq: int
    server_time: datetime
    deadline: datetime | None
    responses: dict[int, dict[str, Any]]
    flags: list[int]


@transaction.atomic
def take_over(*, sitting: HasKey, device: str, agent: str, address: str, at: datetime) -> Synchronised:
    """Go on with this device from now on; the one before is refused. Again with the same device changes nothing.

    The log keeps both names, and keyed digests of the browser's name and the address: they show whether two devices
    were the same without telling where somebody was. Raises SittingClosed and ResponseRefused.
    """
    refuse_malformed_device(device)
    locked = lock_row(Sitting.objects.filter(pk=sitting.pk).select_related("paper", "quiz_version"))
    assert locked is not None
    if locked.state != Sitting.State.OPEN or is_over(locked, at=at):
        raise SittingClosed(_("This paper was handed in already; nothing more can be saved."))
    if locked.device != device:
        told = {
            "device": device,
            "before": locked.device,
            "agent": keyed_index(agent)[:SHORT] if agent else "",
            "address": keyed_index(address)[:SHORT] if address else "",
        }
        append_events(locked, [server_event(locked, ResponseEvent.Kind.DEVICE, told)], at=at, late=False)
        locked.device, locked.last_seen_at = device, at
        locked.save(update_fields=["chain_head", "last_seq", "device", "last_seen_at"])
    return synchronised(locked, at=at)


def synchronised(sitting: Sitting, *, at: datetime) -> Synchronised:
    """What a device needs to go on with this sitting."""
    sheet = sheet_of(sitting)
    kinds = [ResponseEvent.Kind.ANSWER, ResponseEvent.Kind.CHECK, ResponseEvent.Kind.FLAG]
    responses: dict[int, dict[str, Any]] = {}
    flags: dict[int, bool] = {}
    shown = {slot["slot"] for slot in sheet.open_slots(sitting.section)}
    rows = sitting.events.filter(kind__in=kinds).order_by("seq").values_list("kind", "slot", "response")
    for kind, slot, response in rows:
        if slot is None:
            continue
        if kind == ResponseEvent.Kind.FLAG:
            flags[slot] = response == {"flagged": True}
        elif kind == ResponseEvent.Kind.ANSWER or response:
            responses[slot] = response or {}
    return Synchronised(
        last_seq=sitting.last_seq,
        server_time=at,
        deadline=deadline_of(sitting),
        responses={
            slot: disguised_response(response, sheet.names[slot])
            for slot, response in responses.items()
            if slot in shown
        },
        flags=sorted(slot for slot, is_flagged in flags.items() if is_flagged and slot in shown),
    )
