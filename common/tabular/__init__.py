"""Tables in CSV and XLSX, read from strangers and written for spreadsheets."""

from common.exceptions import TableProblem
from common.tabular.reading import CellProblem, Table, header_key, read_table
from common.tabular.writing import Sheet, neutral, write_csv, write_xlsx

__all__ = [
    "CellProblem",
    "Sheet",
    "Table",
    "TableProblem",
    "header_key",
    "neutral",
    "read_table",
    "write_csv",
    "write_xlsx",
]
