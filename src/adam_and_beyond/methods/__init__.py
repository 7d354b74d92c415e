"""Optimisation methods, each written once and read four ways: run, printed, analysed, dragged."""

from adam_and_beyond.methods.algorithm_1 import direction, project, projected_step
from adam_and_beyond.methods.catalogue import CATALOGUE, PAPER, get, get_sharing
from adam_and_beyond.methods.differentiable import DIFFERENTIABLE
from adam_and_beyond.methods.hyperparameters import ALPHA, Hyperparameter, Interval
from adam_and_beyond.methods.method import Method, NoState, Update, rule
from adam_and_beyond.methods.read.javascript import expression as javascript_expression
from adam_and_beyond.methods.read.javascript import module as javascript_module
from adam_and_beyond.methods.read.latex import equations, schedule_equation, step_equation
from adam_and_beyond.methods.read.symbols import SYMBOLIC, Trace, trace
from adam_and_beyond.methods.schedules import SCHEDULES, beta1_schedule, get_schedule

__all__ = [
    "ALPHA",
    "CATALOGUE",
    "DIFFERENTIABLE",
    "PAPER",
    "SCHEDULES",
    "SYMBOLIC",
    "Hyperparameter",
    "Interval",
    "Method",
    "NoState",
    "Trace",
    "Update",
    "projected_step",
    "beta1_schedule",
    "direction",
    "equations",
    "get",
    "get_schedule",
    "get_sharing",
    "javascript_expression",
    "javascript_module",
    "project",
    "rule",
    "schedule_equation",
    "step_equation",
    "trace",
]
