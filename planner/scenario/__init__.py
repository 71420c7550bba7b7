"""Plans: the schema, the reader and the study that turns a plan into tables."""

from planner.scenario.load import LoadedPlan, UsedDefault, load_plan, parse_plan, used_defaults
from planner.scenario.schema import Plan
from planner.scenario.size import PlanSize, plan_size, require_size
from planner.scenario.study import STAGES, Stage, Study

__all__ = [
    "STAGES",
    "LoadedPlan",
    "Plan",
    "PlanSize",
    "Stage",
    "Study",
    "UsedDefault",
    "load_plan",
    "parse_plan",
    "plan_size",
    "require_size",
    "used_defaults",
]
