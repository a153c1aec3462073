from django.urls import path

from noirel.drops.api import shop, staff

urlpatterns = [
    path("drops", shop.DropsView.as_view()),
    path("drops/<str:slug>", shop.DropView.as_view()),
    path("drops/<str:slug>/draw", shop.DrawView.as_view()),
    path("drops/<str:slug>/entry", shop.OwnEntryView.as_view()),
    path("drops/<str:slug>/entries", shop.EntriesView.as_view()),
    path("drops/<str:slug>/entries/<uuid:entry_id>", shop.EntryView.as_view()),
    path("drops/<str:slug>/entries/<uuid:entry_id>/confirm", shop.ConfirmView.as_view()),
    path("admin/drops", staff.AdminDropsView.as_view()),
    path("admin/drops/<str:slug>", staff.AdminDropView.as_view()),
    path("admin/drops/<str:slug>/announce", staff.AnnounceView.as_view()),
    path("admin/drops/<str:slug>/postpone", staff.PostponeView.as_view()),
    path("admin/drops/<str:slug>/close", staff.CloseView.as_view()),
    path("admin/drops/<str:slug>/draw", staff.DrawLotsView.as_view()),
    path("admin/drops/<str:slug>/end", staff.EndView.as_view()),
    path("admin/drops/<str:slug>/entries", staff.AdminEntriesView.as_view()),
]
