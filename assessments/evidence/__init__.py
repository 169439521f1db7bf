"""What proves a sitting years later: its bundle, its signature and their verification. Pure: no ORM, no Celery."""
