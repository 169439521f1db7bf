"""Marking: pure functions of (question version, response, variant) that anybody can replay."""
