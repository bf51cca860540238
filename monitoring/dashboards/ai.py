"""The AI agent dashboard: its answers, its provider, its tokens, its search; every metric of policy/pazpaz.yaml's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.alerting import thresholds
from monitoring.dashboards.frame import dashboard, row, services
from monitoring.dashboards.panels import WHOLE, Query, graph, number, ranking, rising
from monitoring.dashboards.queries import count

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.dashboard import Dashboard

LIMIT = thresholds()
SCOPE = 'environment=~"$environment", job=~"$service", instance=~"$instance"'
QUERIES = "ai_agent_queries_total"
SECONDS = float(LIMIT["ai_seconds"])
FAILED = float(LIMIT["ai_failed_ratio"])
ERRORS = ("ai_agent_llm_errors_total", "ai_agent_embedding_errors_total")


def build() -> Dashboard:
    """Makes the dashboard."""
    out = dashboard(
        "pazpaz-ai",
        "PazPaz / AI agent",
        "How the AI agent answers and what it uses. Neither a question nor an answer is here: counts and times alone.",
        services(),
    )
    _now(out)
    _queries(out)
    _provider(out)
    _search(out)
    return out


def _now(out: Dashboard) -> None:
    out.with_row(row("Now"))
    out.with_panel(number("Queries", "In the chosen time: an exact count.", WHOLE, Query(_count(QUERIES, "$__range"))))
    out.with_panel(
        number(
            "Failed",
            "Share of the queries in the chosen time that ended in an error.",
            "percentunit",
            Query(f"({_count(QUERIES, '$__range', more=_FAILED)} or vector(0)) / ({_count(QUERIES, '$__range')} > 0)"),
            limits=rising(FAILED),
            runbooks=("AiQueriesFailing",),
        )
    )
    out.with_panel(
        number(
            "p95",
            f"The 95th percentile of the time to an answer over fifteen minutes; the limit is {SECONDS:g} s.",
            "s",
            Query(_quantile("ai_agent_query_duration_seconds", "15m", 0.95)),
            limits=rising(SECONDS),
            runbooks=("AiQueriesSlow",),
        )
    )
    out.with_panel(
        number(
            "Tokens",
            "Read and written in the chosen time: an exact count.",
            WHOLE,
            Query(_count("ai_agent_llm_tokens_total", "$__range")),
            runbooks=("AiTokensHigh",),
        )
    )
    out.with_panel(
        number(
            "Refused by the rate limit",
            "Queries in the chosen time that a workspace's limit refused.",
            WHOLE,
            Query(f"{_count('ai_agent_rate_limit_hits_total', '$__range')} or vector(0)"),
        )
    )
    out.with_panel(
        number(
            "Circuit opened",
            "How often in the chosen time the agent stopped calling its provider.",
            WHOLE,
            Query(f"{_count(_BREAKER, '$__range', more=_OPENED)} or vector(0)"),
            limits=rising(1),
            decimals=0,
            runbooks=("AiCircuitOpen",),
        )
    )


def _queries(out: Dashboard) -> None:
    out.with_row(row("Queries"))
    for title, label in (("Queries by result", "status"), ("Queries by language", "language")):
        out.with_panel(
            graph(
                title,
                "Queries a second.",
                "reqps",
                Query(_rate(QUERIES, label), f"{{{{{label}}}}}"),
                width=6,
                stacked=True,
                runbooks=("AiQueriesFailing",),
            )
        )
    out.with_panel(
        graph(
            "Duration",
            "Percentiles of the time to an answer.",
            "s",
            *(
                Query(_quantile("ai_agent_query_duration_seconds", "$__rate_interval", q), f"p{q * 100:g}")
                for q in (0.5, 0.95)
            ),
            width=6,
            limits=rising(SECONDS),
            runbooks=("AiQueriesSlow",),
        )
    )
    out.with_panel(
        ranking(
            "Queries by workspace",
            "The ten busiest in the chosen time.",
            WHOLE,
            Query(f"topk(10, {_count(QUERIES, '$__range', 'workspace_id')})", "{{workspace_id}}"),
            width=6,
        )
    )


def _provider(out: Dashboard) -> None:
    out.with_row(row("The provider"))
    for title, metric in (
        ("Duration of the model's calls", "ai_agent_llm_duration_seconds"),
        ("Duration of embeddings", "ai_agent_embedding_duration_seconds"),
    ):
        out.with_panel(
            graph(
                title,
                "The 95th percentile by model.",
                "s",
                Query(_quantile(metric, "$__rate_interval", 0.95, "model"), "{{model}}"),
                width=6,
                runbooks=("AiQueriesSlow",),
            )
        )
    out.with_panel(
        graph(
            "Provider errors by type",
            "Calls that failed within five minutes, of the model and of embeddings.",
            "short",
            *(
                Query(
                    f"sum by (error_type, model) (increase({metric}{{{SCOPE}}}[5m])) > 0", "{{error_type}} of {{model}}"
                )
                for metric in ERRORS
            ),
            width=6,
            stacked=True,
            runbooks=("AiProviderFailing",),
        )
    )
    out.with_panel(
        graph(
            "Tokens, hourly",
            "Each bar is the hour that ends there, by model.",
            WHOLE,
            Query(_count("ai_agent_llm_tokens_total", "1h", "model, token_type"), "{{token_type}} {{model}}"),
            step="1h",
            stacked=True,
            width=6,
            runbooks=("AiTokensHigh",),
        )
    )
    out.with_panel(
        graph(
            "Retries",
            "Attempts a second after a first one failed.",
            "ops",
            Query(_rate("ai_retries_total", "operation, attempt"), "{{operation}}, attempt {{attempt}}"),
            width=8,
            stacked=True,
            runbooks=("AiProviderFailing",),
        )
    )
    out.with_panel(
        graph(
            "Circuit breaker",
            "Changes of state within five minutes.",
            "short",
            Query(
                f"sum by (circuit_breaker, to_state) (increase({_BREAKER}{{{SCOPE}}}[5m])) > 0",
                "{{circuit_breaker}} {{to_state}}",
            ),
            width=8,
            runbooks=("AiCircuitOpen",),
        )
    )
    out.with_panel(
        graph(
            "Time that a circuit was open",
            "Mean of those that closed again.",
            "s",
            Query(_mean("ai_circuit_breaker_open_duration_seconds", "circuit_breaker"), "{{circuit_breaker}}"),
            width=8,
            runbooks=("AiCircuitOpen",),
        )
    )


def _search(out: Dashboard) -> None:
    out.with_row(row("Search and cache"))
    out.with_panel(
        graph(
            "Retrieval",
            "The 95th percentile of the search for notes that fit a query.",
            "s",
            Query(_quantile("ai_agent_retrieval_duration_seconds", "$__rate_interval", 0.95), "p95"),
            width=6,
            runbooks=("AiQueriesSlow",),
        )
    )
    out.with_panel(
        graph(
            "Sources and citations",
            "Means for a query.",
            "short",
            Query(_mean("ai_agent_sources_retrieved"), "sources"),
            Query(_mean("ai_agent_citations_returned"), "citations"),
            width=6,
        )
    )
    hits, misses = (_rate(f"ai_agent_cache_{kind}_total", "cache_layer") for kind in ("hits", "misses"))
    out.with_panel(
        graph(
            "Cache hit rate by layer",
            "Share of look-ups that found an answer or an embedding.",
            "percentunit",
            Query(f"{hits} / ({hits} + {misses} > 0)", "{{cache_layer}}"),
            width=6,
            maximum=1,
        )
    )
    out.with_panel(
        graph(
            "Cache invalidations",
            "A second, by reason.",
            "ops",
            Query(_rate("ai_agent_cache_invalidations_total", "reason"), "{{reason}}"),
            width=6,
            stacked=True,
        )
    )


_FAILED = 'status="error"'
_BREAKER = "ai_circuit_breaker_state_changes_total"
_OPENED = 'to_state="open"'


def _count(metric: str, window: str, by: str = "", more: str = "") -> str:
    return count(metric, ", ".join(filter(None, (SCOPE, more))), window, by)


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}{{{SCOPE}}}[$__rate_interval]))"


def _quantile(metric: str, window: str, quantile: float, by: str = "") -> str:
    labels = ", ".join(filter(None, ("le", by)))
    return f"histogram_quantile({quantile}, sum by ({labels}) (rate({metric}_bucket{{{SCOPE}}}[{window}])))"


def _mean(metric: str, by: str = "") -> str:
    grouped = f"sum by ({by}) " if by else "sum"
    total, count = (f"{grouped}(rate({metric}_{part}{{{SCOPE}}}[$__rate_interval]))" for part in ("sum", "count"))
    return f"{total} / ({count} > 0)"
