"""Questions on a picture out of QTI: graphic gap match and select point."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from assessments.formats.base import MEDIA_SCHEME
from assessments.formats.checking import NotTaken
from assessments.formats.images import image_size
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.pairs import pair_probes, pair_right
from assessments.formats.qti.probing import Probe, best_of
from assessments.formats.qti.source import Body, Reading, Source, count_of, is_set, value_of
from assessments.formats.qti.values import Single, region_of
from assessments.question_types.pictures import MOST_PIXELS, Region
from common.html import plain_text
from common.messages import filled

MARK = "×"


def background_of(source: Source, interaction: Node) -> Body:
    """The picture that an interaction works on. Raises NotTaken without one."""
    node = next((one for one in interaction.elements if one.tag in {"object", "img", "picture"}), None)
    if node is not None and node.tag == "picture":
        node = node.child("img")
    address = (node.get("data") or node.get("src")) if node is not None else ""
    if node is None or not address:
        raise NotTaken(_("The picture is missing in the file."))
    name = source.texts.picture(address)
    media = source.texts.kept.media.get(name.removeprefix(MEDIA_SCHEME))
    size = image_size(media.content) if media is not None else None
    if media is not None and size is None:
        raise NotTaken(filled(_("The picture “%(name)s” cannot be read."), {"name": media.name}))
    if media is None and name.startswith(MEDIA_SCHEME):
        raise NotTaken(filled(_("The file “%(name)s” is not in the file."), {"name": address[:80]}))
    said = count_of(node, "width", 0), count_of(node, "height", 0)
    if all(said) and size is not None and said != size:
        source.note(_("The picture has another size than the file says; places count in the size that it says."))
    width, height = said if all(said) else size or (0, 0)
    if not 0 < width <= MOST_PIXELS or not 0 < height <= MOST_PIXELS:
        raise NotTaken(_("It does not say how large its picture is."))
    return {"src": name, "alt": plain_text(node.get("alt") or node.text), "width": width, "height": height}


def read_graphic_gap_match(source: Source, interaction: Node) -> Reading:
    """graphicGapMatchInteraction: onto zones of a picture."""
    response = source.response(interaction)
    drags, spots = interaction.all("gapImg", "gapText"), interaction.all("associableHotspot")
    background = background_of(source, interaction)
    right = pair_right(response, [spot.get("identifier") for spot in spots], of_second=True)
    numbers = {drag.get("identifier"): str(number) for number, drag in enumerate(drags, start=1)}
    zones = {}
    for number, spot in enumerate(spots, start=1):
        name = spot.get("identifier")
        if len(right[name]) != 1 or right[name][0] not in numbers:
            raise NotTaken(_("A zone has no right item, or several."))
        x, y = _corner(region_of(spot.get("shape"), spot.get("coords"), (background["width"], background["height"])))
        zones[name] = {
            "id": str(number),
            "x": x,
            "y": y,
            "label": spot.get("hotspotLabel") or spot.get("label"),
            "drag": numbers[right[name][0]],
        }
    body = {
        "stem": source.stem(),
        "background": background,
        "drags": [_drag(source, drag, numbers[drag.get("identifier")]) for drag in drags],
        "zones": list(zones.values()),
        "shuffle": is_set(interaction, "shuffle"),
    }
    probes = []
    for filled_in in pair_probes(right, list(numbers)):
        ours = {zones[zone]["id"]: numbers[drag[0]] for zone, drag in filled_in.items()}
        items: list[Single] = [(drag[0], zone) for zone, drag in filled_in.items()]
        probes.append(Probe({"drops": ours} if ours else {}, value_of(response, items)))
    best, trials = source.trials(probes)
    found, note = best_of("drag_image", [body], trials)
    if note is not None:
        source.note(note)
    return Reading("drag_image", dict(found), best, trials)


def _drag(source: Source, node: Node, key: str) -> Body:
    row: Body = {"id": key, "reusable": count_of(node, "matchMax", 1) != 1}
    picture = next((one for one in node.elements if one.tag in {"object", "img"}), None)
    if picture is None:
        return {**row, "label": plain_text(source.texts.html(node))}
    label = node.get("objectLabel") or picture.get("alt") or picture.text or node.get("identifier")
    return {**row, "label": plain_text(label), "src": source.texts.picture(picture.get("data") or picture.get("src"))}


def _corner(region: Region) -> tuple[float, float]:
    """The top left corner of what surrounds a region."""
    if region.shape == "circle":
        x, y, radius = region.coords
        return x - radius, y - radius
    return min(region.coords[::2]) if region.shape == "polygon" else region.coords[0], (
        min(region.coords[1::2]) if region.shape == "polygon" else region.coords[1]
    )


def read_select_point(source: Source, interaction: Node) -> Reading:
    """selectPointInteraction: the right places of one marker."""
    response = source.response(interaction)
    background = background_of(source, interaction)
    areas = [area for area in (response.mapping.areas if response.mapping else ()) if area.marks > 0]
    if not areas:
        raise NotTaken(_("It does not say which region of the picture is right."))
    most = count_of(interaction, "maxChoices", 1)
    body = {
        "stem": source.stem(),
        "background": background,
        "markers": [{"id": "a", "label": MARK, "count": most}],
        "zones": [{**area.region.model_dump(), "marker": "a"} for area in areas],
        "shuffle": False,
    }
    inner = [area.region.inner_point() for area in areas]
    outside = next(
        (
            (float(x), float(y))
            for x, y in ((0, 0), (background["width"], background["height"]), (background["width"], 0), (-9, -9))
            if not any(area.region.contains(x, y) for area in areas)
        ),
        None,
    )
    sets = [inner[:count] for count in range(1, len(inner) + 1)] + [[point] for point in inner]
    if outside is not None:
        sets += [[outside], [*inner, outside]]
    allowed = [points for points in sets if not most or len(points) <= most]
    probes = [
        Probe({"points": {"a": [list(point) for point in points]}}, value_of(response, points)) for points in allowed
    ]
    best, trials = source.trials(probes)
    found, note = best_of("mark_image", [body], trials)
    if note is not None:
        source.note(note)
    return Reading("mark_image", dict(found), best, trials)
