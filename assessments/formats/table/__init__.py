"""The spreadsheet template: one question a row, in XLSX or CSV, filled in by people or written by us."""
