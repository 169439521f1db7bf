"""`manage.py serve`: web, worker and beat as supervised children of one process.

`checks` refuses in one line before anything is touched, `children` says what each child runs, `supervisor`
starts, restarts and stops them, `output` makes their logs one readable stream, `leftovers` ends what a killed
supervisor left behind.
"""
