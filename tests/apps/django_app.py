"""A Django app, WSGI and ASGI, with a route for each common use of the framework."""

import answers
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

if not settings.configured:
    settings.configure(
        ROOT_URLCONF=__name__,
        SECRET_KEY="for tests alone",
        ALLOWED_HOSTS=["*"],
        DATA_UPLOAD_MAX_MEMORY_SIZE=None,
        LOGGING_CONFIG=None,
    )


@require_GET
def root(request):
    return JsonResponse({"message": "Hello, World!"})


@require_GET
def query(request):
    return JsonResponse(answers.of_query(request.GET["name"], request.GET.getlist("tag")))


@require_POST
def form(request):
    return JsonResponse(request.POST.dict())


@require_POST
def json(request):
    from json import loads

    return JsonResponse({"got": loads(request.body)})


@require_POST
def upload(request):
    file = request.FILES["file"]
    return JsonResponse(answers.of_upload(file.name, file.read()))


@require_GET
def download(request):
    headers = {"Content-Disposition": 'attachment; filename="all.bin"'}
    return HttpResponse(answers.DOWNLOAD, content_type="application/octet-stream", headers=headers)


@require_GET
def stream(request):
    return StreamingHttpResponse(answers.PIECES, content_type="text/plain")


@require_GET
def visits(request):
    visit = answers.next_visit(request.COOKIES.get("visits"))
    response = JsonResponse({"visits": visit})
    response.set_cookie("visits", visit)
    return response


@require_GET
def error(request):
    raise RuntimeError("raised in a route")


@require_POST
def body(request):
    digest = answers.Digest()
    while piece := request.read(65536):
        digest.update(piece)
    return JsonResponse(digest.answer())


urlpatterns = [
    path("", root),
    *(path(view.__name__, view) for view in (query, form, json, upload, download, stream, visits, error, body)),
]
app = get_wsgi_application()
asgi = get_asgi_application()
