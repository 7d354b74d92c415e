"""Optimisation methods, each written once and read four ways: run, printed, analysed, dragged."""

from adam_and_beyond.methods.catalogue import CATALOGUE, CLASSIC, get, get_sharing
from adam_and_beyond.methods.generic import (
    SCHEDULES,
    algorithm_1,
    direction,
    get_schedule,
    project,
)
from adam_and_beyond.methods.javascript import expression as javascript_expression
from adam_and_beyond.methods.javascript import module as javascript_module
from adam_and_beyond.methods.momentum import beta1_schedule
from adam_and_beyond.methods.rule import ALPHA, Hyperparameter, Interval, Method, Update
from adam_and_beyond.methods.tracing import (
    SYMBOLIC,
    Trace,
    equations,
    schedule_equation,
    step_equation,
    trace,
)

__all__ = [
    "ALPHA",
    "CATALOGUE",
    "CLASSIC",
    "SCHEDULES",
    "SYMBOLIC",
    "Hyperparameter",
    "Interval",
    "Method",
    "Trace",
    "Update",
    "algorithm_1",
    "beta1_schedule",
    "direction",
    "equations",
    "get",
    "get_schedule",
    "get_sharing",
    "javascript_expression",
    "javascript_module",
    "project",
    "schedule_equation",
    "step_equation",
    "trace",
]
