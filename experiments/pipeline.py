"""One experiment from end to end: voices, opinions, prediction, play, verdict, report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from omegaconf import DictConfig

from agents.language.protocol import LanguageModel
from agents.subpopulations.population import Opinions, Population
from experiments import health
from experiments.assess import Assessment, assess
from experiments.console import Reporter, verdict_table
from experiments.making import made
from experiments.play import Record, starting_profiles
from experiments.recorded_play import Length, recorded_play
from experiments.report.render import render_report
from experiments.result import Result
from experiments.run_directory import RunDirectory
from experiments.voices import voiced
from platforms.social.platform import PayoffRules, PlatformSettings, SocialPlatform
from sim.alignment_game import AlignmentGame, Incentives
from sim.dynamics.floor import Floored
from sim.dynamics.protocol import Dynamics
from sim.equilibrium import HomogeneousEquilibrium, homogeneous_equilibrium
from sim.randomness import generator
from sim.simplex import validated_floor


def run_experiment(config: DictConfig, directory: RunDirectory, reporter: Reporter) -> Result:
    """Run a validated configuration and leave everything in its run directory.

    Args:
        config: The composed configuration.
        directory: Where results go; what an interrupted run left there is taken up.
        reporter: Says each step and its seconds.

    Returns:
        The findings, as written to verdict.json and report.html.
    """
    directory.begin(reporter.line)
    population: Population = made(config.subpopulations)
    validated_floor("platform.floor", config.platform.floor, len(population.models))
    with voiced(population, config.language, directory, reporter) as (backend, gates, opinions):
        with reporter.step("Prediction"):
            game = game_of(config, opinions)
            prediction = homogeneous_equilibrium(game, config.platform.floor)
            where = "interior" if prediction.interior else "boundary"
            reporter.line(f"{where} equilibrium, kappa = {prediction.stability:.3g}, unique: {prediction.unique}")
            directory.json("prediction.json", predicted(game, prediction))
        rule = rule_of(config)
        platforms = platforms_of(config, opinions, rule)
        with reporter.step(f"Play: {config.run.seeds} seeds, {config.platform.accounts} accounts each"):
            record = recorded_play(
                platforms,
                backend.language,
                population,
                Length(config.platform.rounds, config.platform.max_tokens, config.platform.temperature),
                directory=directory,
                reporter=reporter,
            )
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
            health=health_of(config, record, assessment, opinions, backend.language),
        )
        directory.json("verdict.json", result.summary())
        render_report(directory, config, result, reporter.seconds)
    directory.manifest(
        {
            "language": backend.language.name,
            "model": asdict(backend.identity) if backend.identity else None,
            "adapters": dict(backend.adapters),
            "seconds": reporter.seconds,
            "restarts": getattr(backend.language, "restarts", 0),
        }
    )
    reporter.console.print(verdict_table(result))
    reporter.health(result.health)
    directory.finish(result.health.complaint)
    return result


def health_of(
    config: DictConfig, record: Record, assessment: Assessment, opinions: Opinions, language: LanguageModel
) -> health.Health:
    """What went wrong in a play, against the limits of the configuration."""
    measured = health.of_answers(opinions.answers) | health.of_models(language)
    measured |= health.of_posts(record, seeds=config.run.seeds, rounds=config.platform.rounds)
    if config.platform.heard_share > 0:
        found = assessment.realisation
        measured["realisation_error"] = found.error if found.heard else None
    return health.judged(measured, config.health)


def predicted(game: AlignmentGame, found: HomogeneousEquilibrium) -> dict[str, Any]:
    """The contents of prediction.json: the game before play and where it should settle, to watch the play against."""
    return {
        "groups": list(game.groups or ()),
        "predicted": found.mixture.tolist(),
        **{name: getattr(game, name).tolist() for name in ("attractiveness", "inconsistency", "similarity")},
        "incentives": asdict(game.incentives),
        "accounts": game.accounts,
        "crowding": game.crowding,
    }


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
