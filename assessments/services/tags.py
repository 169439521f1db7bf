"""Tags of many questions at once, in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.contrib.contenttypes.models import ContentType
from django.db.models.functions import Lower
from taggit.models import Tag, TaggedItem

from assessments.models import Question
from common.digests import digest_of
from common.vietnamese import nfc

MOST_TAG = 100


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags in NFC with single blanks, each once whatever its case, at most MOST_TAG characters."""
    found: dict[str, str] = {}
    for tag in tags:
        clean = " ".join(nfc(tag).split())[:MOST_TAG].strip()
        found.setdefault(clean.casefold(), clean)
    return [tag for tag in found.values() if tag]


def tags_of(questions: Collection[int]) -> dict[int, set[str]]:
    """Question id → its tags, for those that have any. One query."""
    found: dict[int, set[str]] = defaultdict(set)
    kind = ContentType.objects.get_for_model(Question)
    links = TaggedItem.objects.filter(content_type=kind, object_id__in=questions)
    for pk, name in links.values_list("object_id", "tag__name"):
        found[pk].add(name)
    return found


def same_tags(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether they are the same, whatever the case: a tag keeps the case in which it came first."""
    return {tag.casefold() for tag in one} == {tag.casefold() for tag in other}


def tag_questions(tagged: Mapping[int, Iterable[str]]) -> None:
    """Add clean tags (question id → tags); those that they have already stay once."""
    tags = _made({name for names in tagged.values() for name in names})
    kind = ContentType.objects.get_for_model(Question)
    links = {(pk, tags[name.casefold()].pk) for pk, names in tagged.items() for name in names}
    TaggedItem.objects.bulk_create(
        (TaggedItem(content_type=kind, object_id=pk, tag_id=tag) for pk, tag in sorted(links)), ignore_conflicts=True
    )


def set_tags(tagged: Mapping[int, Iterable[str]]) -> None:
    """Give each question (by id) exactly these clean tags."""
    wanted = {pk: {name.casefold() for name in names} for pk, names in tagged.items()}
    kind = ContentType.objects.get_for_model(Question)
    links = TaggedItem.objects.filter(content_type=kind, object_id__in=wanted)
    gone = [
        link
        for link, pk, name in links.values_list("pk", "object_id", "tag__name")
        if name.casefold() not in wanted[pk]
    ]
    TaggedItem.objects.filter(pk__in=gone).delete()
    tag_questions(tagged)


def _made(names: set[str]) -> dict[str, Tag]:
    """Casefolded name → tag, made where there is none."""
    tags = _found(names)
    missing = sorted(name for name in names if name.casefold() not in tags)
    if missing:
        slugs = {name: Tag().slugify(name) or digest_of(name)[:12] for name in missing}
        taken = set(Tag.objects.filter(slug__in=slugs.values()).values_list("slug", flat=True))
        new = []
        for name in missing:
            slug = slugs[name][:MOST_TAG]
            if slug in taken:
                slug = f"{slug[: MOST_TAG - 13]}-{digest_of(name)[:12]}"
            taken.add(slug)
            new.append(Tag(name=name, slug=slug))
        Tag.objects.bulk_create(new, ignore_conflicts=True)
        tags |= _found(set(missing))
    return tags


def _found(names: set[str]) -> dict[str, Tag]:
    rows = Tag.objects.filter(name__in=names) | Tag.objects.alias(low=Lower("name")).filter(
        low__in=[name.lower() for name in names]
    )
    found: dict[str, Tag] = {}
    for tag in rows.order_by("pk"):
        found.setdefault(tag.name.casefold(), tag)
    return found
