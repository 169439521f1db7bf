"""Item analysis, pure: how questions and quizzes did, from marks alone. See docs/item-analysis.md for the formulas."""
