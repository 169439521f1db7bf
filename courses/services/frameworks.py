"""Bringing competence frameworks in as data."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from common.markdown import load_yaml
from courses.models import Competence, CompetenceArea, CompetenceFramework, CompetenceLevel


@transaction.atomic
def import_frameworks(*, folder: Path) -> int:
    """Make or update every framework of `folder/*.yaml`; returns how many files there were. Idempotent."""
    files = sorted(folder.glob("*.yaml"))
    for path in files:
        data = load_yaml(path.read_text(encoding="utf-8"), source=path.name)
        framework, _created = CompetenceFramework.objects.update_or_create(
            code=data["code"],
            defaults={
                "title": data["title"],
                "title_en": data.get("title_en", ""),
                "source": data.get("source", ""),
                "note": data.get("note") or "",
            },
        )
        for order, level in enumerate(data.get("levels") or []):
            CompetenceLevel.objects.update_or_create(
                framework=framework,
                code=str(level["code"]),
                defaults={"title": level["title"], "title_en": level.get("title_en", ""), "order": order},
            )
        for order, area_data in enumerate(data["areas"]):
            area, _created = CompetenceArea.objects.update_or_create(
                framework=framework,
                code=str(area_data["code"]),
                defaults={
                    "title": area_data["title"],
                    "title_en": area_data.get("title_en", ""),
                    "order": order,
                },
            )
            for place, row in enumerate(area_data.get("competences") or []):
                code = str(row["code"])
                Competence.objects.update_or_create(
                    key=f"{framework.code}:{code}",
                    defaults={
                        "area": area,
                        "code": code,
                        "title": row["title"],
                        "title_en": row.get("title_en", ""),
                        "order": place,
                    },
                )
    return len(files)
