"""Everything that an installation begins with: portal, catalogue, organisation, templates, packs, exams, articles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from assessments.services import import_exams
from certificates.services import ensure_templates
from cms.services import ensure_portal, import_articles
from courses.services import ensure_catalogue, import_frameworks, import_pack
from people.services import ensure_groups, import_units

CONTENT = Path(settings.BASE_DIR) / "content"


def load_content(*, at: datetime, say: Callable[[str], None]) -> None:
    """Bring in all of content/. Idempotent: what is there already is left as it is."""
    ensure_groups()
    ensure_portal()
    ensure_catalogue()
    import_frameworks(folder=CONTENT / "frameworks")
    for path in sorted((CONTENT / "units").glob("*.yaml")):
        say(f"đơn vị / units: {import_units(path=path, at=at)} mới / new ({path.name})")
    ensure_templates(at=at)
    for folder in sorted(path.parent for path in (CONTENT / "packs").glob("*/pack.yaml")):
        course = import_pack(folder=folder, by=None, at=at)
        say(f"khoá học / course: {course.title}")
    say(f"kỳ thi / exams: {import_exams(folder=CONTENT / 'exams', by=None, at=at)}")
    say(f"bài viết / articles: {import_articles(folder=CONTENT / 'articles')} mới hoặc đổi / new or changed")
