"""The import-linter contract `doors`: of another room, import only its doors."""

from __future__ import annotations

import grimp
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """No room imports what another room keeps to itself.

    `rooms` are the top-level packages; `doors` the names of the modules (or packages) that a room shows to
    the others; `open_rooms` show everything; `also` names single modules that are doors too; each of
    `composition` ("importer: module") lets the top room put the others together.
    """

    type_name = "doors"

    rooms = fields.ListField(subfield=fields.StringField())
    doors = fields.SetField(subfield=fields.StringField())
    open_rooms = fields.SetField(subfield=fields.StringField(), required=False)
    also = fields.SetField(subfield=fields.StringField(), required=False)
    composition = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Every direct import between two rooms must end at a door."""
        trespasses = [
            f"{importer} -> {imported}"
            for importer in sorted(graph.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._is_allowed(importer, imported)
        ]
        return ContractCheck(kept=not trespasses, metadata={"trespasses": trespasses})

    def _is_allowed(self, importer: str, imported: str) -> bool:
        room, _, rest = imported.partition(".")
        own_room = importer.partition(".")[0]
        if room not in self.rooms or room == own_room or room in (self.open_rooms or set()):
            return True
        if f"{own_room}: {rest}" in (self.composition or set()):
            return True
        shown = rest.partition(".")[0]
        return shown in self.doors or f"{room}.{shown}" in (self.also or set())

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line an import."""
        for trespass in check.metadata["trespasses"]:
            output.print_error(trespass)
