"""Explorers: widgets that run in the reader's browser, and stand as a picture in print."""

from adam_and_beyond.explorers.base import Explorer
from adam_and_beyond.explorers.boundary import BoundaryExplorer
from adam_and_beyond.explorers.boxes import BoxesExplorer
from adam_and_beyond.explorers.clip import ClipExplorer
from adam_and_beyond.explorers.coin import CoinExplorer
from adam_and_beyond.explorers.curves import CurvesExplorer
from adam_and_beyond.explorers.falls import FallsExplorer
from adam_and_beyond.explorers.figure_1 import Figure1Explorer
from adam_and_beyond.explorers.game import GameExplorer
from adam_and_beyond.explorers.gradients import GradientsExplorer
from adam_and_beyond.explorers.grid import GridExplorer
from adam_and_beyond.explorers.kept import KeptExplorer
from adam_and_beyond.explorers.maximum import MaximumExplorer
from adam_and_beyond.explorers.mean_step import MeanStepExplorer
from adam_and_beyond.explorers.memory import MemoryExplorer
from adam_and_beyond.explorers.race import RaceExplorer
from adam_and_beyond.explorers.rescue import RescueExplorer
from adam_and_beyond.explorers.scoreboard import ScoreboardExplorer
from adam_and_beyond.explorers.stops import StopsExplorer
from adam_and_beyond.explorers.theorem_1 import Theorem1Explorer
from adam_and_beyond.explorers.theorem_2 import ConditionsExplorer, RarityExplorer
from adam_and_beyond.explorers.three_losses import ThreeLossesExplorer
from adam_and_beyond.explorers.walk import WalkExplorer

__all__ = [
    "BoundaryExplorer",
    "BoxesExplorer",
    "ClipExplorer",
    "CoinExplorer",
    "ConditionsExplorer",
    "CurvesExplorer",
    "Explorer",
    "FallsExplorer",
    "Figure1Explorer",
    "GameExplorer",
    "GradientsExplorer",
    "GridExplorer",
    "KeptExplorer",
    "MaximumExplorer",
    "MeanStepExplorer",
    "MemoryExplorer",
    "RaceExplorer",
    "RarityExplorer",
    "RescueExplorer",
    "ScoreboardExplorer",
    "StopsExplorer",
    "Theorem1Explorer",
    "ThreeLossesExplorer",
    "WalkExplorer",
]
