"""Exclusion maps: which incentives leave which group out."""

from sim.maps.around import axis_around, grid_around, held_coefficient
from sim.maps.bands import Bands, PlaneShares, exclusion_bands, plane_shares
from sim.maps.exclusion_map import ThreePlanes, exclusion_map, three_planes
from sim.maps.grid import Grid
from sim.maps.result import Components, ExclusionMap
from sim.maps.risk import PointRisk, RiskMap, point_risk, risk_map
from sim.maps.slices import Slice, incentive_slice, map_slice

__all__ = [
    "Bands",
    "Components",
    "ExclusionMap",
    "Grid",
    "PlaneShares",
    "PointRisk",
    "RiskMap",
    "Slice",
    "ThreePlanes",
    "axis_around",
    "exclusion_bands",
    "exclusion_map",
    "grid_around",
    "held_coefficient",
    "incentive_slice",
    "map_slice",
    "plane_shares",
    "point_risk",
    "risk_map",
    "three_planes",
]
