"""The monitor alone: `path("resque/", include("django_resque.urls"))`, for members of the staff."""

from django.urls import path

from django_resque.monitor_site import monitor_site

urlpatterns = [path("", monitor_site.urls)]
