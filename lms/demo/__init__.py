"""The demonstration: real content, a few invented people, and the main job played from end to end."""
