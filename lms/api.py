"""The REST API at /api/v1/: one router a room, session sign-in, OpenAPI at openapi.json."""

from ninja import NinjaAPI
from ninja.security import SessionAuth

from assessments.api import router as assessments_router
from certificates.api import router as certificates_router

api = NinjaAPI(
    title="Học Số API",
    version="1",
    urls_namespace="api",
    auth=SessionAuth(csrf=True),
    docs_url=None,
)
api.add_router("", assessments_router)
api.add_router("certificates/", certificates_router)
