# ruff: noqa
"""Names of the semantic conventions, and metrics."""

from .ground import *

# 7
def sem(name, **a):
    a = {k.replace("__", "."): v for k, v in a.items()}
    def run():
        with tracer.start_as_current_span(name, kind=SpanKind.CLIENT) as s:
            for k, v in a.items(): s.set_attribute(k, v)
    run.__name__ = "sem_" + name
    CASES.append((run.__name__, run, [("attr", f"{k}={v}") for k, v in a.items()]))
@case(("attr", "messaging.system=rabbitmq"), ("attr", "messaging.rabbitmq.destination.routing_key=discharges"), ("attr", "messaging.consumer.group.name=ward-workers"), ("attr", "messaging.operation.type=process"))
def m1():
    with tracer.start_as_current_span("process discharges", kind=SpanKind.CONSUMER) as s:
        s.set_attributes({"messaging.system": "rabbitmq", "messaging.rabbitmq.destination.routing_key": "discharges", "messaging.consumer.group.name": "ward-workers", "messaging.operation.type": "process", "messaging.message.id": VALUE})
@case(("attr", "gen_ai.response.finish_reasons=[stop]"), ("attr", "gen_ai.tool.name=find_bed"), ("attr", "gen_ai.provider.name=openai"))
def m2():
    with tracer.start_as_current_span("execute_tool find_bed") as s: s.set_attributes({"gen_ai.response.finish_reasons": ["stop"], "gen_ai.tool.name": "find_bed", "gen_ai.provider.name": "openai", "gen_ai.input.messages": VALUE})
@case(("attr", "faas.name=nightly-export"), ("attr", "faas.trigger=timer"), ("attr", "aws.request_id=")) if False else case(("attr", "faas.invoked_name=nightly-export"), ("attr", "faas.invoked_provider=aws"), ("attr", "faas.trigger=timer"))
def m3():
    with tracer.start_as_current_span("nightly-export") as s: s.set_attributes({"faas.invoked_name": "nightly-export", "faas.trigger": "timer", "faas.invoked_provider": "aws"})
@case(("attr", "rpc.system=aws-api"), ("attr", "rpc.service=S3"), ("attr", "rpc.method=PutObject"), ("attr", "http.response.status_code=200"))
def m4():
    with tracer.start_as_current_span("S3.PutObject") as s: s.set_attributes({"rpc.system": "aws-api", "rpc.service": "S3", "rpc.method": "PutObject", "http.response.status_code": 200, "aws.s3.key": VALUE})
# 8
@case(("metric", "harbor.beds.free"), ("metric", "harbor.wait"), ("metric", "harbor.active"))
def n1():
    m = metrics.get_meter("harbor"); m.create_observable_gauge("harbor.beds.free", callbacks=[lambda o: [metrics.Observation(4, {"ward": VALUE})]], description="beds that are free")
    m.create_histogram("harbor.wait", unit="s").record(1.5, {"ward": VALUE}); m.create_up_down_counter("harbor.active").add(1)
