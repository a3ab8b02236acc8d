"""The monitor alone: `path("resque/", include("django_resque.urls"))`, for members of the staff."""

from django_resque.monitor_site import monitor_urls

urlpatterns = monitor_urls()
