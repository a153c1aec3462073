from django.urls import path

from noirel.orders.api.shop import CancelView, LookupView, MyOrdersView, OrderView
from noirel.orders.api.staff import (
    AdminOrdersView,
    AdminOrderView,
    DeliverParcelView,
    DeliverView,
    FulfilView,
    NotesView,
    RevokeLinksView,
    ShipParcelView,
    ShipView,
    StaffCancelView,
    UnpackParcelView,
)

urlpatterns = [
    path("orders/lookup", LookupView.as_view()),
    path("orders/<str:number>", OrderView.as_view()),
    path("orders/<str:number>/cancel", CancelView.as_view()),
    path("me/orders", MyOrdersView.as_view()),
    path("admin/orders", AdminOrdersView.as_view()),
    path("admin/orders/<str:number>", AdminOrderView.as_view()),
    path("admin/orders/<str:number>/fulfil", FulfilView.as_view()),
    path("admin/orders/<str:number>/ship", ShipView.as_view()),
    path("admin/orders/<str:number>/deliver", DeliverView.as_view()),
    path("admin/shipments/<uuid:parcel_id>/ship", ShipParcelView.as_view()),
    path("admin/shipments/<uuid:parcel_id>/unpack", UnpackParcelView.as_view()),
    path("admin/shipments/<uuid:parcel_id>/deliver", DeliverParcelView.as_view()),
    path("admin/orders/<str:number>/cancel", StaffCancelView.as_view()),
    path("admin/orders/<str:number>/notes", NotesView.as_view()),
    path("admin/orders/<str:number>/revoke-links", RevokeLinksView.as_view()),
]
