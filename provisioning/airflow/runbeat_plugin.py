"""Links from Airflow's own UI to Runbeat's pages in Grafana. For Airflow 2.7 and later; docs/airflow-links.md.

RUNBEAT_GRAFANA_URL    URL of Grafana as users open it, e.g. https://grafana.example.com. Without it there are no links.
RUNBEAT_SOURCE         name under which the exporter observes this Airflow. Required if it observes several sources.
RUNBEAT_GRAFANA_EMBED  "true": each run in Airflow 3.1 and later gets a tab with Runbeat's page in it. Grafana must allow
                       embedding.
"""

from __future__ import annotations

import logging
import os
import re
from urllib.parse import quote, urlencode

from airflow import __version__
from airflow.plugins_manager import AirflowPlugin

try:
    from airflow.sdk import BaseOperatorLink
except ImportError:  # Airflow 2
    from airflow.models.baseoperatorlink import BaseOperatorLink

log = logging.getLogger(__name__)

APP = "/a/runbeat-observability-app"
HAS_EXTERNAL_VIEWS = tuple(int(part) for part in re.findall(r"\d+", __version__)[:2]) >= (3, 1)


def grafana_url() -> str | None:
    """The configured URL, or None if it is missing or invalid."""
    url = os.environ.get("RUNBEAT_GRAFANA_URL", "").strip().rstrip("/")
    if re.match(r"https?://[^/\s]+(/\S*)?$", url):
        return url
    found = f"is {url!r}" if url else "is not set"
    log.warning(
        "Runbeat adds no links, because RUNBEAT_GRAFANA_URL %s. Set it to Grafana's URL, e.g. https://grafana.example.com.",
        found,
    )
    return None


def page(url: str, name: str, parameters: dict[str, str], placeholders: str = "") -> str:
    """The URL of a page of the app. Characters in `placeholders` are not encoded, since Airflow fills them in."""
    query = urlencode({key: value for key, value in parameters.items() if value}, safe=placeholders, quote_via=quote)
    return f"{url}{APP}/{name}?{query}" if query else f"{url}{APP}/{name}"


def source() -> str:
    return os.environ.get("RUNBEAT_SOURCE", "").strip()


class RunbeatTaskLink(BaseOperatorLink):
    """The URL of a task instance's run in Runbeat, with the task selected."""

    name = "Runbeat"

    def get_link(self, operator, *, ti_key):
        url = grafana_url()
        if url is None:
            return ""
        run = {"source": source(), "dag_id": ti_key.dag_id, "run_id": ti_key.run_id}
        return page(url, "run", {**run, "tab": "gantt", "task": ti_key.task_id})


def external_views(url: str) -> list[dict[str, str]]:
    """For Airflow 3.1 and later: an entry in the navigation and, if configured, a tab for each run."""
    entry = {"name": "Runbeat", "href": page(url, "lookup", {}), "destination": "nav", "category": "browse"}
    if os.environ.get("RUNBEAT_GRAFANA_EMBED", "").strip().lower() != "true":
        return [entry]
    run = {"source": source(), "dag_id": "{DAG_ID}", "run_id": "{RUN_ID}", "tab": "gantt", "kiosk": "1"}
    href = page(url, "run", run, placeholders="{}")
    # Airflow also uses the name of an entry as its route, so this name must not be "runbeat".
    return [entry, {"name": "Runbeat", "href": href, "destination": "dag_run", "url_route": "runbeat-run"}]


URL = grafana_url()


class RunbeatPlugin(AirflowPlugin):
    name = "runbeat"
    global_operator_extra_links = [RunbeatTaskLink()] if URL else []
    external_views = external_views(URL) if URL and HAS_EXTERNAL_VIEWS else []
    appbuilder_menu_items = (
        [{"name": "Runbeat", "category": "Browse", "href": page(URL, "lookup", {})}]
        if URL and not HAS_EXTERNAL_VIEWS
        else []
    )
