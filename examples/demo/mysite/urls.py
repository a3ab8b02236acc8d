"""A page to order at, and the admin."""

from django.contrib import admin
from django.urls import path
from orders.views import order

urlpatterns = [path("", order, name="order"), path("admin/", admin.site.urls)]
