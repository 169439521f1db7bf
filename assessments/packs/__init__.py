"""The assessments room's part of content packs: questions and quizzes."""
