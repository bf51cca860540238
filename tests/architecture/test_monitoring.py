"""Monitoring as code: nothing stale, nothing without a runbook, no label that isn't on the allow-list."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from string import Template

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from monitoring import alerting
from monitoring.durations import milliseconds
from monitoring.render import artefacts, stale
from pazpaz_otel import yaml_text

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "monitoring"
RUNBOOKS = ROOT / "docs" / "runbooks"
TEMPLATES = MONITORING / "alertmanager" / "templates"


def alerts() -> dict[str, dict]:
    """Every rendered alert by its name."""
    files = sorted((MONITORING / "prometheus" / "alerts").glob("*.yml"))
    groups = [group for file in files for group in yaml_text.load(file.read_text())["groups"]]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def dashboards() -> dict[str, dict]:
    """Every rendered dashboard by its file's name."""
    files = sorted((MONITORING / "grafana" / "dashboards").glob("*.json"))
    return {file.stem: json.loads(file.read_text()) for file in files}


def panels() -> list[tuple[str, dict]]:
    """Every panel that shows something, with its dashboard's name."""
    return [
        (name, panel) for name, board in dashboards().items() for panel in board["panels"] if panel["type"] != "row"
    ]


class TestRendering:
    def test_nothing_rendered_is_stale(self) -> None:
        """Rules and dashboards on disk are what their sources say."""
        assert stale(artefacts()) == []

    def test_the_check_fails_on_a_stale_file(self, tmp_path: Path) -> None:
        """`python monitoring/render.py --check` exits 1 and names the file when a source has changed."""
        copy = tmp_path / "monitoring"
        subprocess.run(["cp", "-r", str(MONITORING), str(copy)], check=True)
        thresholds = copy / "thresholds.yaml"
        thresholds.write_text(thresholds.read_text().replace("value: 0.15", "value: 0.16"))
        command = [sys.executable, str(copy / "render.py"), "--check"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 1
        assert "prometheus/alerts/infrastructure.yml" in done.stderr
        subprocess.run(command[:-1], check=True, cwd=tmp_path)
        assert subprocess.run(command, check=False, cwd=tmp_path).returncode == 0

    def test_an_unlisted_label_in_a_text_is_refused(self, tmp_path: Path) -> None:
        """An alert whose text names a label outside the allow-list can't be rendered."""
        copy = tmp_path / "monitoring"
        subprocess.run(["cp", "-r", str(MONITORING), str(copy)], check=True)
        source = copy / "alerts" / "database.yaml"
        source.write_text(source.read_text().replace("{{ $labels.instance }}", "{{ $labels.patient }}"))
        command = [sys.executable, str(copy / "render.py")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 1
        assert "$labels.patient" in done.stderr


class TestAlerts:
    def test_every_alert_is_tested_for_firing_and_for_silence(self) -> None:
        """Each alert has a promtool case in which it is silent, fires with its exact text, and is taken back.

        The watchdog never is: its silence is what raises the alarm.
        """
        whole = set()
        for file in (MONITORING / "prometheus" / "tests").glob("*.yml"):
            for case in yaml_text.load(file.read_text())["tests"]:
                tests = sorted(case["alert_rule_test"], key=lambda test: milliseconds(test["eval_time"]))
                for name in {test["alertname"] for test in tests}:
                    fires = "".join("x" if test["exp_alerts"] else "." for test in tests if test["alertname"] == name)
                    whole |= {name} if re.search(r"\.x+\.", fires) else set()
        assert alerts().keys() - whole == {"Watchdog"}

    def test_each_severity_and_signal_of_an_alert_is_tested(self) -> None:
        """An alert whose labels decide its way, or that names a signal, has a case in which each of them fires."""
        seen: dict[str, set[str]] = {}
        for file in (MONITORING / "prometheus" / "tests").glob("*.yml"):
            for case in yaml_text.load(file.read_text())["tests"]:
                for test in case["alert_rule_test"]:
                    for alert in test["exp_alerts"]:
                        labels = alert["exp_labels"]
                        seen.setdefault(test["alertname"], set()).update(
                            {labels["severity"], labels.get("signal", "none")}
                        )
        for name, rule in alerts().items():
            possible = set(re.findall(r"none|critical|warning", rule["labels"]["severity"]))
            if "$labels.signal" in rule["annotations"]["description"]:
                possible |= set(re.findall(r'"signal", "(\w+)"', rule["expr"]))
            assert possible <= seen[name], name

    def test_names_are_unique(self) -> None:
        """No two alerts share a name: silences and runbooks go by it."""
        files = (MONITORING / "prometheus" / "alerts").glob("*.yml")
        names = re.findall(r"alert: (\w+)", "\n".join(file.read_text() for file in files))
        assert sorted(names) == sorted(set(names))

    def test_every_alert_links_to_its_runbook(self) -> None:
        """The runbook link of an alert ends in a page that exists."""
        linked = {name: rule["annotations"]["runbook_url"].rsplit("/", 1)[1] for name, rule in alerts().items()}
        assert linked == {name: f"{name}.md" for name in alerts()}
        assert {f"{name}.md" for name in alerts()} == {path.name for path in RUNBOOKS.glob("[A-Z]*.md")} - {"README.md"}

    def test_texts_name_only_allowed_labels(self) -> None:
        """No annotation uses a label outside the allow-list, or all labels at once."""
        for name, rule in alerts().items():
            text = " ".join(rule["annotations"].values())
            assert set(re.findall(r"\$labels\.(\w+)", text)) <= set(alerting.allowed_labels()), name
            assert not re.search(r"\$labels\b(?!\.)|\$externalLabels|range", text), name

    def test_uptime_alerts_follow_the_monitors(self) -> None:
        """How many probes must fail, and how long a certificate must last, is the same here and in the monitors."""
        monitors = yaml_text.load((MONITORING / "uptime" / "monitors.yaml").read_text())
        days = {str(entry["days"]) for entry in monitors["monitors"].values() if "days" in entry}
        assert days == {alerting.thresholds()["certificate_days"]}
        assert f">= {monitors['inside']['failures']}" in alerts()["HealthDown"]["expr"]


class TestAllowList:
    def test_prometheus_keeps_exactly_the_allowed_labels(self) -> None:
        """What Prometheus hands to Alertmanager is stripped to the allow-list."""
        config = yaml_text.load((MONITORING / "prometheus" / "prometheus.yml").read_text())
        rules = config["alerting"]["alert_relabel_configs"]
        assert rules == [{"action": "labelkeep", "regex": "|".join(alerting.allowed_labels())}]

    def test_templates_print_only_allowed_labels(self) -> None:
        """Alertmanager's templates print labels one by one, each of them allowed, and every allowed one."""
        text = "\n".join(file.read_text() for file in TEMPLATES.glob("*.tmpl"))
        printed = set(re.findall(r"\{\{-? with \.(\w+) \}\}", text))
        printed |= set(re.findall(r"(?:Group|Common)?Labels\.(\w+)", text))
        assert printed == set(alerting.allowed_labels())
        assert not re.search(r"SortedPairs|range \.(?:Group|Common)?Labels|Labels\.(?:Names|Values|Remove)", text)

    def test_no_default_template_is_used(self) -> None:
        """Every text of every receiver is set: a default of Alertmanager would print all labels."""
        config = yaml_text.load((MONITORING / "alertmanager" / "alertmanager.yml").read_text())
        needed = {
            "email_configs": {"headers", "html", "text"},
            "slack_configs": {"title", "title_link", "text", "fallback", "pretext", "footer", "callback_id", "color",
                              "username", "icon_emoji", "icon_url"},
            "webhook_configs": {"payload"},
        }  # fmt: skip
        for receiver in config["receivers"]:
            for kind in receiver.keys() - {"name"}:
                for entry in receiver[kind]:
                    assert needed[kind] <= entry.keys(), receiver["name"]
        assert "default" not in (MONITORING / "alertmanager" / "alertmanager.yml").read_text().split("global:")[1]

    def test_secrets_are_files(self) -> None:
        """No password, token or secret address stands in a configuration."""
        text = (MONITORING / "alertmanager" / "alertmanager.yml").read_text()
        assert not re.search(r"(?m)^\s*-?\s*(smtp_auth_password|api_url|url|bearer_token|password):", text)


ALERTS_SHOWN = {("application", "alertmanager"), ("infrastructure", "alertmanager")}
"""Boards that show Alertmanager's alerts: the panel names the data source by its title alone."""


class TestDashboards:
    def test_each_is_what_grafana_reads(self) -> None:
        """Grafana's published schema takes every board whole: read and written again, nothing is lost or added."""
        for name, board in dashboards().items():
            read = Dashboard.from_json(board)
            assert json.loads(JSONEncoder().encode(read)) == board, name

    def test_evidence_is_linked_both_ways(self) -> None:
        """Exemplar to trace, trace to its logs and metrics, log line to its trace."""
        file = MONITORING / "grafana" / "provisioning" / "datasources" / "datasources.yml"
        sources = {source["uid"]: source["jsonData"] for source in yaml_text.load(file.read_text())["datasources"]}
        assert [entry["datasourceUid"] for entry in sources["prometheus"]["exemplarTraceIdDestinations"]] == ["tempo"]
        assert sources["tempo"]["tracesToLogsV2"]["datasourceUid"] == "loki"
        assert "trace_id" in sources["tempo"]["tracesToLogsV2"]["query"]
        assert sources["tempo"]["tracesToMetrics"]["datasourceUid"] == "prometheus"
        [field] = sources["loki"]["derivedFields"]
        assert (field["matcherType"], field["matcherRegex"], field["datasourceUid"]) == ("label", "trace_id", "tempo")

    def test_rules_of_our_own(self) -> None:
        """What public linters ask: rates over $__rate_interval or a fixed window, no empty legend.

        No title twice in one row of panels.
        """
        for name, panel in panels():
            for target in panel.get("targets", []):
                text = target.get("expr", "")
                for window in re.findall(r"\[([^\]]*)\]", text):
                    assert re.fullmatch(r"(\$__rate_interval|\$__range|\d+[smhdw])(:\w*)?", window), (name, text)
                assert "irate(" not in text, (name, panel["title"])
                assert target["refId"], (name, panel["title"])
                if target["datasource"]["type"] == "prometheus":
                    assert target["legendFormat"], (name, panel["title"])
            references = [target["refId"] for target in panel.get("targets", [])]
            assert len(references) == len(set(references)), (name, panel["title"])
        for name, board in dashboards().items():
            parts: list[list[str]] = [[]]
            for panel in board["panels"]:
                parts = [*parts, []] if panel["type"] == "row" else [*parts[:-1], [*parts[-1], panel["title"]]]
            for titles in parts:
                assert len(titles) == len(set(titles)), (name, titles)

    def test_seven_dashboards(self) -> None:
        """The guide's four, the AI agent, privacy and service levels; none can be edited in Grafana."""
        guide = {"application", "database", "infrastructure", "business"}
        assert dashboards().keys() == guide | {"ai", "privacy", "service-levels"}
        assert all(board["editable"] is False for board in dashboards().values())
        assert len({board["uid"] for board in dashboards().values()}) == 7

    def test_every_panel_says_what_it_shows(self) -> None:
        """Each panel has a title, a description, and unless it is the list of alerts a unit."""
        for name, panel in panels():
            assert panel["title"], name
            assert panel["description"], panel["title"]
            assert panel["type"] == "alertGroups" or panel["fieldConfig"]["defaults"]["unit"], panel["title"]

    def test_exact_counts_are_written_whole(self) -> None:
        """What is counted exactly is not abbreviated: a unit of thousands would make 1.2 K of 1,234."""
        for name, panel in panels():
            if any("anchored" in target.get("expr", "") for target in panel.get("targets", [])):
                assert panel["fieldConfig"]["defaults"]["unit"] != "short", (name, panel["title"])

    def test_datasources_are_the_provisioned_ones(self) -> None:
        """Each panel, query, variable and annotation names a provisioned datasource by its uid."""
        file = MONITORING / "grafana" / "provisioning" / "datasources" / "datasources.yml"
        sources = yaml_text.load(file.read_text())["datasources"]
        assert all(source["editable"] is False for source in sources)
        kinds = {source["uid"]: source["type"] for source in sources}
        for name, board in dashboards().items():
            # A variable stands for each, so that a board can be imported where they have other names.
            chosen = {f"${{{v['name']}}}": v for v in board["templating"]["list"] if v["type"] == "datasource"}
            assert {v["current"]["value"]: v["query"] for v in chosen.values()}.items() <= kinds.items()
            pattern = r'"datasource": \{\s*"type": "(\w+)",\s*"uid": "([^"]+)"'
            for kind, uid in set(re.findall(pattern, json.dumps(board, indent=1))):
                assert (uid in chosen and chosen[uid]["query"] == kind) or (name, kind) in ALERTS_SHOWN
        exemplars = sources[0]["jsonData"]["exemplarTraceIdDestinations"]
        assert [entry["datasourceUid"] for entry in exemplars] == ["tempo"]

    def test_panels_do_not_overlap(self) -> None:
        """No panel covers another, and none is wider than the grid."""
        for name, board in dashboards().items():
            taken: set[tuple[int, int]] = set()
            for panel in board["panels"]:
                at = panel["gridPos"]
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                assert at["x"] + at["w"] <= 24, (name, panel["title"])
                assert not cells & taken, (name, panel["title"])
                taken |= cells

    def test_links_to_runbooks_lead_somewhere(self) -> None:
        """Each runbook that a panel links to exists."""
        for _, panel in panels():
            for link in panel.get("links", []):
                assert (RUNBOOKS / link["url"].rsplit("/", 1)[1]).is_file(), panel["title"]

    def test_ratios_are_guarded(self) -> None:
        """Nothing is divided by a rate or count that may be 0: no traffic shows no value, never a wrong one."""
        for _, panel in panels():
            for target in panel.get("targets", []):
                for divisor in target.get("expr", "").split(" / ")[1:]:
                    constant = divisor.startswith(("(1 - 0", "on ("))
                    assert constant or "> 0)" in divisor, target["expr"]

    def test_variables_are_used(self) -> None:
        """Whatever can be chosen changes what is shown: in a panel, or in what another variable offers."""
        for name, board in dashboards().items():
            for variable in board["templating"]["list"]:
                others = [other for other in board["templating"]["list"] if other is not variable]
                used = re.search(
                    rf"\$(\{{{variable['name']}\}}|{variable['name']}\b)", json.dumps([board["panels"], others])
                )
                assert used, (name, variable["name"])

    def test_logs_are_found_whatever_is_chosen(self) -> None:
        """With every variable at "All", one matcher of each stream selector still refuses an empty label.

        Loki refuses a selector that has none: validateMatchers of its pkg/logql/syntax/parser.go.
        """
        asked = [
            (target["expr"], {entry["name"]: entry.get("allValue", "") for entry in board["templating"]["list"]})
            for board in dashboards().values()
            for panel in board["panels"]
            for target in panel.get("targets", [])
            if target["datasource"]["type"] == "loki"
        ]
        assert asked
        for query, chosen in asked:
            selector = Template(query.partition("}")[0]).substitute(chosen)
            refuses = {
                "=": lambda text: text != "",
                "!=": lambda text: text == "",
                "=~": lambda text: not re.fullmatch(text, ""),
            }
            assert any(refuses[kind](text) for kind, text in re.findall(r'(=~|!=|=)"([^"]*)"', selector)), query

    def test_what_shows_services_can_choose_one(self) -> None:
        """Each board of what services send has a choice of them, and each panel of requests or pools keeps to it."""
        shown = {
            name for name, board in dashboards().items() if "telemetry_sdk_name" in json.dumps(board["templating"])
        }
        assert shown | {"application", "service-levels"} == dashboards().keys() - {"infrastructure"}
        for name, panel in panels():
            for target in panel.get("targets", []):
                if re.search("http_server_|service:http_|db_client_", target.get("expr", "")):
                    assert 'job=~"$service"' in target["expr"], (name, panel["title"])


class TestRunbooks:
    def test_each_says_what_it_means_what_to_look_at_and_what_to_do(self) -> None:
        """Each page has the three parts, a query, and the dashboard and panels to look at."""
        boards = {board["title"]: {panel["title"] for panel in board["panels"]} for board in dashboards().values()}
        for name in alerts():
            text = (RUNBOOKS / f"{name}.md").read_text()
            assert re.findall(r"(?m)^## (.+)$", text) == ["What it means", "What to look at", "What to do"], name
            assert "```promql" in text, name
            board, shown = re.search(r"Dashboard \[(.+?)\]\(.+?\): (.+)\.", text).groups()
            assert set(re.findall(r"\*([^*]+)\*", shown)) <= boards[board], name

    def test_links_between_pages_lead_somewhere(self) -> None:
        """Each link to another page finds it."""
        for page in RUNBOOKS.glob("*.md"):
            for link in re.findall(r"\]\((\w+\.md)\)", page.read_text()):
                assert (RUNBOOKS / link).is_file(), f"{page.name}: {link}"

    def test_the_index_lists_every_alert(self) -> None:
        """The index has a line for every alert, with its severity, or both where the labels decide."""
        rows = re.findall(r"(?m)^\| \[(\w+)\]\(\w+\.md\) \| ([\w ]+) \|", (RUNBOOKS / "README.md").read_text())
        severities = {
            name: re.findall(r"none|critical|warning", rule["labels"]["severity"]) for name, rule in alerts().items()
        }
        assert dict(rows) == {name: " or ".join(sorted(found)) for name, found in severities.items()}
