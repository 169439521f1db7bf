"""Settings: `local` (nothing installed), `production` (refuses to guess), `test`; all from `base`."""
