"""Pairs out of QTI: match, gap match and order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, permutations

from django.utils.translation import gettext_lazy as _

from assessments.formats.checking import NotTaken
from assessments.formats.qti.nodes import Node
from assessments.formats.qti.probing import MOST_PROBES, Probe, Verdict, best_of, verdict_on
from assessments.formats.qti.source import Body, Reading, Source, count_of, is_set, keys_for, value_of
from assessments.formats.qti.values import Declaration, Single
from assessments.question_types.ordering import SCORES
from common.messages import filled

Right = dict[str, list[str]]


def pair_right(response: Declaration, rows: Sequence[str], *, of_second: bool = False) -> Right:
    """For each of `rows` what belongs to it: as declared, else what the mapping gives marks for."""
    pairs = [item for item in response.correct_items if isinstance(item, tuple)]
    if not pairs and response.mapping is not None:
        pairs = [entry.key for entry in response.mapping.entries if entry.marks > 0 and isinstance(entry.key, tuple)]
    right: Right = {row: [] for row in rows}
    for first, second in pairs:
        row, other = (str(second), str(first)) if of_second else (str(first), str(second))
        if row in right:
            right[row].append(other)
    return right


def pair_probes(right: Right, columns: Sequence[str]) -> Iterator[dict[str, list[str]]]:
    """Rows filled in to try: all right, one wrong, one missing, one alone, nothing, all the same."""

    def every() -> Iterator[dict[str, list[str]]]:
        yield {row: list(own) for row, own in right.items()}
        yield {}
        for row, own in right.items():
            yield {other: list(values) for other, values in right.items() if other != row}
            yield {row: list(own)}
        for row, own in right.items():
            for column in columns:
                if column not in own:
                    yield {**right, row: [column]}
                    yield {row: [column]}
                    if len(own) > 1:
                        yield {**right, row: [*own, column]}
                        yield {**right, row: own[:-1]}

    yield from islice(every(), MOST_PROBES)


def read_match(source: Source, interaction: Node) -> Reading:
    """matchInteraction: one of a list for each item, or a table to tick where that says the same better."""
    response = source.response(interaction)
    sets = [one.all("simpleAssociableChoice") for one in interaction.all("simpleMatchSet")]
    if len(sets) != 2:
        raise NotTaken(_("It has no two sets to match."))
    names = [[node.get("identifier") for node in one] for one in sets]
    right, rows, columns, is_turned = pair_right(response, names[0]), sets[0], sets[1], False
    if not all(right.values()):
        turned = pair_right(response, names[1], of_second=True)
        if not all(turned.values()):
            raise NotTaken(_("An item has nothing that belongs to it."))
        right, rows, columns, is_turned = turned, sets[1], sets[0], True
    known = {node.get("identifier") for node in columns}
    strangers = [name for own in right.values() for name in own if name not in known]
    if strangers:
        raise NotTaken(filled(_("The right answer names “%(name)s”, which is not there."), {"name": strangers[0]}))
    return _Table(source, interaction, response, rows, columns, right, is_turned).reading()


class _Table:
    """A match interaction as rows and columns; `is_turned`: its second set are the rows."""

    def __init__(
        self,
        source: Source,
        interaction: Node,
        response: Declaration,
        rows: Sequence[Node],
        columns: Sequence[Node],
        right: Right,
        is_turned: bool,
    ) -> None:
        self.source, self.response, self.right, self.is_turned = source, response, right, is_turned
        self.rows, self.columns = rows, columns
        names = [node.get("identifier") for node in (*rows, *columns)]
        self.keys = keys_for(names)
        self.texts = {node.get("identifier"): source.texts.html(node) for node in (*rows, *columns)}
        self.shuffle = is_set(interaction, "shuffle")
        self.is_single = all(len(own) == 1 for own in right.values())
        self.accepted = self._accepted() if self.is_single else right
        is_tabular = "qti-match-tabular" in interaction.get("class").split()
        # Two answers for many items are a table of yes and no.
        has_choice = any(len(own) > 1 for own in self.accepted.values())
        self.is_table = is_tabular or has_choice or not self.is_single or len(columns) <= 2 < len(rows) or len(rows) < 2
        self.stem = source.stem()
        if self.is_single and any(count_of(node, "matchMax", 1) != 1 for node in rows):
            source.note(_("Here one answer is chosen for each item."))

    def _accepted(self) -> Right:
        """The columns that earn for a row what the one that is called correct earns."""
        mapping = self.response.mapping
        if mapping is None:
            return self.right

        def marks(row: str, column: str) -> float:
            return mapping.marks_of((column, row) if self.is_turned else (row, column))

        names = [node.get("identifier") for node in self.columns]
        return {
            row: [name for name in names if name == own[0] or 0 < marks(row, own[0]) == marks(row, name)]
            for row, own in self.right.items()
        }

    def reading(self) -> Reading:
        """The form that marks most like the file."""
        filled_in = list(pair_probes(self.right, [node.get("identifier") for node in self.columns]))
        if self.is_single:
            filled_in = [probe for probe in filled_in if all(len(own) == 1 for own in probe.values())]
        best, as_table = self.source.trials(self._probe(probe, is_table=True) for probe in filled_in)
        tables = [self._table("per_row"), self._table("all_or_nothing")]
        if not self.is_table:
            _best, as_list = self.source.trials(self._probe(probe, is_table=False) for probe in filled_in)
            matching = self._matching()
            verdict = verdict_on("matching", matching, as_list)
            # Everything or nothing is said by a table alone.
            is_whole = verdict_on("matrix", tables[1], as_table) is Verdict.SAME
            if verdict is not Verdict.OTHER and not (verdict is not Verdict.SAME and is_whole):
                _found, note = best_of("matching", [matching], as_list)
                if note is not None:
                    self.source.note(note)
                return Reading("matching", matching, best, as_list, {row["id"]: row for row in matching["pairs"]})
        found, note = best_of("matrix", tables, as_table)
        if note is not None:
            self.source.note(note)
        return Reading("matrix", dict(found), best, as_table, {row["id"]: row for row in found["rows"]})

    def _probe(self, filled_in: Mapping[str, Sequence[str]], *, is_table: bool) -> Probe:
        pairs: list[Single] = [
            (column, row) if self.is_turned else (row, column) for row, own in filled_in.items() for column in own
        ]
        given = value_of(self.response, pairs)
        if not pairs:
            return Probe({}, given)
        if not is_table:
            answers = self._answers()
            return Probe({"pairs": {self.keys[row]: answers[own[0]] for row, own in filled_in.items()}}, given)
        cells = {
            self.keys[row]: self.keys[own[0]] if self.is_single else [self.keys[column] for column in own]
            for row, own in filled_in.items()
        }
        return Probe({"cells": cells}, given)

    def _answers(self) -> dict[str, str]:
        """Column → the id by which a matching question knows it: that of a pair, or its own."""
        of_pairs = {own[0]: self.keys[row] for row, own in reversed(self.right.items())}
        return {name: of_pairs.get(name, self.keys[name]) for name in (node.get("identifier") for node in self.columns)}

    def _matching(self) -> Body:
        used = {own[0] for own in self.right.values()}
        return {
            "stem": self.stem,
            "pairs": [
                {"id": self.keys[row], "prompt": self.texts[row], "answer": self.texts[own[0]]}
                for row, own in self.right.items()
            ],
            "extra_answers": [
                {"id": self.keys[name], "answer": self.texts[name]}
                for name in (node.get("identifier") for node in self.columns)
                if name not in used
            ],
            "shuffle": self.shuffle,
        }

    def _table(self, scoring: str) -> Body:
        def cells(nodes: Sequence[Node]) -> list[Body]:
            names = [node.get("identifier") for node in nodes]
            return [{"id": self.keys[name], "text": self.texts[name]} for name in names]

        return {
            "stem": self.stem,
            "rows": cells(self.rows),
            "columns": cells(self.columns),
            "right": {self.keys[row]: [self.keys[column] for column in own] for row, own in self.accepted.items()},
            "multiple": not self.is_single,
            "scoring": scoring,
            "shuffle": self.shuffle,
        }


def read_associate(source: Source, interaction: Node) -> Reading:
    """associateInteraction: of each pair one is given and the other looked for, where no item is in two pairs."""
    response, nodes = source.response(interaction), interaction.all("simpleAssociableChoice")
    names = [node.get("identifier") for node in nodes]
    keys = keys_for(names)
    texts = {name: source.texts.html(node) for name, node in zip(names, nodes, strict=True)}
    right = {first: own for first, own in pair_right(response, names).items() if own}
    used = [name for first, own in right.items() for name in (first, *own)]
    if not right or len(used) != 2 * len(right) or len(set(used)) != len(used) or not set(used) <= set(names):
        raise NotTaken(_("An item belongs to several pairs or to itself, which no type here has."))
    answers = [name for name in names if name not in right]
    ours = {**{own[0]: keys[first] for first, own in right.items()}}
    body = {
        "stem": source.stem(),
        "pairs": [{"id": keys[first], "prompt": texts[first], "answer": texts[own[0]]} for first, own in right.items()],
        "extra_answers": [{"id": keys[name], "answer": texts[name]} for name in answers if name not in ours],
        "shuffle": is_set(interaction, "shuffle"),
    }
    probes = []
    for filled_in in pair_probes(right, answers):
        pairs = {keys[first]: ours.get(own[0], keys[own[0]]) for first, own in filled_in.items()}
        items: list[Single] = [(first, own[0]) for first, own in filled_in.items()]
        probes.append(Probe({"pairs": pairs} if pairs else {}, value_of(response, items)))
    best, trials = source.trials(probes)
    found, note = best_of("matching", [body], trials)
    source.note(_("In the file any two items can be joined; here one of each pair is given."))
    if note is not None:
        source.note(note)
    return Reading("matching", dict(found), best, trials, {row["id"]: row for row in found["pairs"]})


def read_order(source: Source, interaction: Node) -> Reading:
    """orderInteraction."""
    response, nodes = source.response(interaction), interaction.all("simpleChoice")
    keys = keys_for([node.get("identifier") for node in nodes])
    right = [str(item) for item in response.correct_items]
    if sorted(right) != sorted(keys):
        raise NotTaken(_("It does not say the right order of all its items."))
    texts = {node.get("identifier"): source.texts.html(node) for node in nodes}
    probes = [Probe({"order": [keys[one] for one in order]}, value_of(response, order)) for order in _orders(right)]
    best, trials = source.trials([*probes, Probe({}, {})])
    items = [{"id": keys[name], "text": texts[name]} for name in right]
    stem = source.stem()
    scorings = ["exact", *(name for name in SCORES if name != "exact")]
    bodies = [{"stem": stem, "items": items, "scoring": scoring} for scoring in scorings]
    found, note = best_of("ordering", bodies, trials)
    if note is not None:
        source.note(note)
    return Reading("ordering", dict(found), best, trials, {row["id"]: row for row in items})


def _orders(right: Sequence[str]) -> list[list[str]]:
    """Orders to try: all of few items; of many the right one, turned, with two changed, with one moved."""
    if len(right) <= 5:
        return [list(order) for order in permutations(right)]
    orders = [list(right), list(reversed(right))]
    for first in range(len(right)):
        orders.append([*right[first:], *right[:first]])
        orders.append([*right[:first], *right[first + 1 :], right[first]])
        for second in range(first):
            swapped = list(right)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            orders.append(swapped)
    return orders[:MOST_PROBES]


def read_gap_match(source: Source, interaction: Node) -> Reading:
    """gapMatchInteraction: words into the gaps of a text."""
    response, nodes = source.response(interaction), interaction.all("gapText", "gapImg")
    gaps = [node.get("identifier") for node in interaction.within("gap")]
    numbers = {node.get("identifier"): str(number) for number, node in enumerate(nodes, start=1)}
    right = pair_right(response, gaps, of_second=True)
    if not gaps or not all(len(own) == 1 and own[0] in numbers for own in right.values()):
        raise NotTaken(_("A gap has no right word, or several."))
    words = [
        {
            "id": numbers[node.get("identifier")],
            "text": source.texts.html(node),
            "reusable": count_of(node, "matchMax", 1) != 1,
        }
        for node in nodes
    ]

    def placed(node: Node) -> str | None:
        if node.tag == "gap":
            return f"[[{numbers[right[node.get('identifier')][0]]}]]"
        if node is interaction:
            rest = [child for child in node.children if isinstance(child, str) or child.tag not in {"prompt", *_WORDS}]
            return source.prompt(node, placed) + source.texts.of(rest, placed).strip()
        return None

    body = {"stem": source.stem(placed), "words": words, "shuffle": is_set(interaction, "shuffle")}
    probes = []
    for filled_in in pair_probes(right, list(numbers)):
        ours = {str(gaps.index(gap) + 1): numbers[own[0]] for gap, own in filled_in.items()}
        items: list[Single] = [(own[0], gap) for gap, own in filled_in.items()]
        probes.append(Probe({"gaps": ours} if ours else {}, value_of(response, items)))
    best, trials = source.trials(probes)
    found, note = best_of("gap_drag", [body], trials)
    if note is not None:
        source.note(note)
    return Reading("gap_drag", dict(found), best, trials)


_WORDS = {"gapText", "gapImg"}
