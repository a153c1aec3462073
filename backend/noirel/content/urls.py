from django.urls import path

from noirel.content.api import inbox, staff

urlpatterns = [
    path("media/uploads/<uuid:upload_id>", inbox.InboxView.as_view()),
    path("admin/media", staff.MediaListView.as_view()),
    path("admin/media/uploads", staff.UploadsView.as_view()),
    path("admin/media/uploads/<uuid:upload_id>/confirm", staff.ConfirmView.as_view()),
    path("admin/media/<uuid:asset_id>", staff.MediaView.as_view()),
]
