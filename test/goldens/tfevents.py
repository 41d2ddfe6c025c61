#!/usr/bin/env python3
"""tfevents.json: event files for TensorBoard, as TensorBoard's own protocol buffers and record writer make them.

Needs TensorBoard (2.21; pip install tensorboard); nothing else here does. Everything in it is fixed, so the bytes are too.
"""
import io
import json
import os

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

events = []


def record(name, event):
    buffer = io.BytesIO()
    RecordWriter(buffer).write(event.SerializeToString(deterministic=True))
    events.append({"name": name, "hex": buffer.getvalue().hex()})


record("version", event_pb2.Event(wall_time=1234567890.125, file_version="brain.Event:2"))
record(
    "start",
    event_pb2.Event(
        wall_time=1234567891.5, step=301, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    ),
)
record(
    "start at 0",
    event_pb2.Event(wall_time=1.0, step=0, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
)
Value = summary_pb2.Summary.Value
record(
    "scalars",
    event_pb2.Event(
        wall_time=1234567892.75,
        step=70000,
        summary=summary_pb2.Summary(
            value=[
                Value(tag="discriminator/loss", simple_value=-1.5),
                Value(tag="generator/loss", simple_value=0.1),
                Value(tag="schédule/αlpha", simple_value=3.4e38),
            ]
        ),
    ),
)
png = bytes(range(256)) * 3
record(
    "image",
    event_pb2.Event(
        wall_time=0.5,
        step=3,
        summary=summary_pb2.Summary(
            value=[
                Value(
                    tag="samples/latest",
                    image=summary_pb2.Summary.Image(height=270, width=8, colorspace=3, encoded_image_string=png),
                )
            ]
        ),
    ),
)
path = os.path.join(os.path.dirname(__file__), "tfevents.json")
with open(path, "w") as file:
    json.dump({"png": "bytes 0 … 255, three times", "records": events}, file, indent=1)
    file.write("\n")
