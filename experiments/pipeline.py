"""One experiment from end to end: voices, opinions, prediction, play, verdict, report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict

import numpy as np
from omegaconf import DictConfig

from agents.language.protocol import LanguageModel
from agents.subpopulations.gate import Gate
from agents.subpopulations.population import Opinions, Population
from experiments.assess import assess
from experiments.backends import Backend
from experiments.console import Reporter, verdict_table
from experiments.making import made
from experiments.play import Record, play, starting_profiles
from experiments.records import save_opinions, save_posts, save_rounds
from experiments.report.render import render_report
from experiments.result import Result
from experiments.run_directory import RunDirectory
from platforms.protocol import Platform
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics
from sim.equilibrium import homogeneous_equilibrium
from sim.randomness import generator
from sim.simplex import validated_floor


def run_experiment(config: DictConfig, directory: RunDirectory, reporter: Reporter) -> Result:
    """Run a validated configuration and leave everything in its run directory.

    Args:
        config: The composed configuration.
        directory: Where results go; cleared first.
        reporter: Says each step and its seconds.

    Returns:
        The findings, as written to verdict.json and report.html.
    """
    directory.clear()
    directory.status("running")
    population: Population = made(config.subpopulations)
    validated_floor("platform.floor", config.platform.floor, len(population.models))
    with reporter.step("Voices: base model and subpopulation models"):
        backend: Backend = made(
            config.language, population=population, log=directory.path / "server.log", report=reporter.line
        )
    language = backend.language
    with ExitStack() as opened:
        with reporter.step("Language model: start"):
            opened.enter_context(language)
        with reporter.step("Gate and opinions"):
            gates, opinions = listen(population, language, reporter)
        save_opinions(directory, opinions)
        with reporter.step("Prediction"):
            game = game_of(config, opinions)
            prediction = homogeneous_equilibrium(game, config.platform.floor)
            where = "interior" if prediction.interior else "boundary"
            reporter.line(f"{where} equilibrium, kappa = {prediction.stability:.3g}, unique: {prediction.unique}")
        rule = rule_of(config)
        platforms = platforms_of(config, opinions, rule)
        with reporter.step(f"Play: {config.run.seeds} seeds, {config.platform.accounts} accounts each"):
            record = _play(config, platforms, population, language, directory=directory, reporter=reporter)
    with reporter.step("Verdict and report"):
        assessment = assess(
            record,
            platforms,
            game,
            rule,
            people=opinions.people,
            floor=config.platform.floor,
            settings={key: config.verdict[key] for key in ("tolerance", "window", "confidence")},
        )
        result = Result(
            game=game,
            prediction=prediction,
            record=record,
            assessment=assessment,
            gates=gates,
            opinions=opinions,
            synthetic=backend.identity is None,
        )
        directory.json("verdict.json", result.summary())
        render_report(directory, config, result, reporter.seconds)
    directory.manifest(
        {
            "language": language.name,
            "model": asdict(backend.identity) if backend.identity else None,
            "adapters": dict(backend.adapters),
            "seconds": reporter.seconds,
            "restarts": getattr(language, "restarts", 0),
        }
    )
    reporter.console.print(verdict_table(result))
    directory.finish()
    return result


def listen(population: Population, language: LanguageModel, reporter: Reporter) -> tuple[Mapping[str, Gate], Opinions]:
    """Check that the voices carry, and read what the groups answer; voices that don't carry are refused."""
    gates = population.gates(language, reporter.line)
    for gate in list(gates.values())[:1]:
        gate.require()
    return gates, population.opinions(language, reporter.line)


def incentives_of(config: DictConfig) -> Incentives:
    """The published coefficients."""
    return Incentives(
        attractiveness=config.game.attractiveness,
        inconsistency=config.game.inconsistency,
        diversity=config.game.diversity,
    )


def game_of(config: DictConfig, opinions: Opinions) -> AlignmentGame:
    """The game whose utilities are the platform's expected payoffs."""
    rules: PayoffRules = payoffs_of(config)
    return rules.game(opinions.table, incentives_of(config), config.platform.accounts, config.game.crowding)


def payoffs_of(config: DictConfig) -> PayoffRules:
    """The kernels the platform pays by."""
    return PayoffRules(**{name: made(config.payoffs[name]) for name in config.payoffs})


def rule_of(config: DictConfig) -> Dynamics:
    """The learning rule with its exploration floor."""
    rule: Dynamics = made(config.dynamics)
    return Floored(rule, config.platform.floor) if config.platform.floor > 0 else rule


def platforms_of(config: DictConfig, opinions: Opinions, rule: Dynamics) -> list[SocialPlatform]:
    """A platform for every seed, in its starting state."""
    seeds = [config.run.seed + s for s in range(config.run.seeds)]
    starts = starting_profiles(
        [generator(seed, round=0, agent=0, purpose="start") for seed in seeds],
        config.platform.accounts,
        len(opinions.table.groups),
        config.platform.concentration,
        config.platform.floor,
    )
    settings = PlatformSettings(
        posts_per_round=config.platform.posts_per_round,
        drafts_per_round=config.platform.drafts_per_round,
        readers=config.platform.readers,
        heard_share=config.platform.heard_share,
    )
    return [
        SocialPlatform(
            table=opinions.table,
            incentives=incentives_of(config),
            rules=payoffs_of(config),
            settings=settings,
            dynamics=rule,
            start=start,
            seed=seed,
            crowding=config.game.crowding,
        )
        for seed, start in zip(seeds, starts, strict=True)
    ]


def _play(
    config: DictConfig,
    platforms: Sequence[Platform],
    population: Population,
    language: LanguageModel,
    *,
    directory: RunDirectory,
    reporter: Reporter,
) -> Record:
    groups = platforms[0].table.groups
    record = Record(
        seeds=[platform.seed_of_run for platform in platforms],
        start=np.stack([platform.profile for platform in platforms]),
    )
    try:
        with reporter.progress() as progress:
            task = progress.add_task("rounds", total=config.platform.rounds)

            def after_round() -> None:
                progress.advance(task)
                directory.status("running", f"{len(record.rounds)} of {config.platform.rounds} rounds played")

            play(
                platforms,
                language,
                population.models,
                record=record,
                rounds=config.platform.rounds,
                max_tokens=config.platform.max_tokens,
                temperature=config.platform.temperature,
                after_round=after_round,
            )
    finally:
        for platform in platforms:
            platform.close()
        if record.rounds:
            save_rounds(directory, record, groups)
            save_posts(directory, record, groups, platforms[0].table.questions)
    return record
