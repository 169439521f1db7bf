"""The instructors' and exam officers' side in the administration: writing questions, putting quizzes together."""
