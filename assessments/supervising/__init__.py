"""Screens of exam officers: the live board, candidates, accommodations, the record of an exam, failed markings."""
