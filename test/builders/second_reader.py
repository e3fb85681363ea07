"""
The second reader: botocore writes requests and reads answers, one JSON line in, one out.

  {"service": "s3", "operation": "PutObject", "input": {...}}          -> {"method", "url", "headers", "body"}
  {"service": "s3", "operation": "PutObject", "prune": {...}, "side": "input"}  -> {"value": {...}}
  {"service": "s3", "operation": "PutObject", "status", "headers", "body"} -> {"output": {...}} or {"error"}

Bodies are base 64; bytes are {"$bytes": base 64} and times {"$time": seconds}, both ways.
"""
import base64
import datetime
import json
import sys

import botocore.awsrequest
import botocore.parsers
import botocore.serialize
import botocore.session

session = botocore.session.get_session()
models = {}


def model_of(service):
    if service not in models:
        models[service] = session.get_service_model(service)
    return models[service]


def unwrap(value):
    if isinstance(value, dict):
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"])
        if "$time" in value:
            return datetime.datetime.fromtimestamp(value["$time"], datetime.timezone.utc)
        return {key: unwrap(held) for key, held in value.items()}
    return [unwrap(each) for each in value] if isinstance(value, list) else value


def wrap(value):
    if isinstance(value, dict):
        return {key: wrap(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [wrap(each) for each in value]
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"$time": value.timestamp()}
    return wrap(value.read()) if hasattr(value, "read") else value


def prune(shape, value):
    """What this version's model knows of a value: whole numbers whole, times in whole seconds."""
    if shape is None or value is None or getattr(shape, "is_document_type", False):
        return value
    kind = shape.type_name
    if kind == "structure":
        held = {k: v for k, v in value.items() if k in shape.members}
        return {k: prune(shape.members[k], v) for k, v in held.items()}
    if kind == "list":
        return [prune(shape.member, each) for each in value]
    if kind == "map":
        return {k: prune(shape.value, v) for k, v in value.items()}
    if kind in ("integer", "long"):
        return int(value)
    if kind == "timestamp":
        return {"$time": int(value["$time"])}
    return value


def write(model, operation, value):
    protocol = model.resolved_protocol
    made = botocore.serialize.create_serializer(protocol, False).serialize_to_request(
        unwrap(value), operation
    )
    botocore.awsrequest.prepare_request_dict(made, "http://127.0.0.1:1")
    request = botocore.awsrequest.create_request_object(made).prepare()
    body = request.body if request.body is not None else b""
    body = body.encode() if isinstance(body, str) else body
    body = body.read() if hasattr(body, "read") else body
    headers = {key.lower(): as_text(held) for key, held in request.headers.items()}
    url = request.url.replace("http://127.0.0.1:1", "", 1)
    return {
        "method": request.method,
        "url": url,
        "headers": headers,
        "body": base64.b64encode(bytes(body)).decode(),
        "protocol": protocol,
    }


def as_text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


class Raw:
    def __init__(self, content):
        self.content = content

    def read(self):
        return self.content

    def stream(self):
        yield self.content


def read(model, operation, answer):
    body = base64.b64decode(answer["body"])
    shape = operation.output_shape
    streams = operation.has_streaming_output and answer["status"] < 300
    response = {
        "status_code": answer["status"],
        "headers": botocore.awsrequest.HeadersDict(answer["headers"]),
        "body": Raw(body) if streams else body,
    }
    parsed = botocore.parsers.create_parser(model.resolved_protocol).parse(response, shape)
    parsed.pop("ResponseMetadata", None)
    error = parsed.pop("Error", None) if answer["status"] >= 300 else None
    return {"output": wrap(parsed), "error": wrap(error)}


for line in sys.stdin:
    asked = json.loads(line)
    model = model_of(asked["service"])
    operation = model.operation_model(asked["operation"])
    try:
        if "prune" in asked:
            shape = operation.input_shape if asked["side"] == "input" else operation.output_shape
            answer = {"value": prune(shape, asked["prune"]) if shape else {}}
        elif "input" in asked:
            answer = write(model, operation, asked["input"])
        else:
            answer = read(model, operation, asked)
    except Exception as error:  # the test shows it
        answer = {"failure": repr(error)}
    print(json.dumps(answer, default=str), flush=True)
