"""Learn the points of the danger screen from the labelled texts, and show what they find in texts they have not seen.

Each author's texts are judged by points learned from all the others; then all open texts together give the points that
are written to src/checkin/core/danger_rules/points.tsv. The held texts and
those set aside are never learned from. Needs numpy.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from checkin.core import danger, danger_phrases, danger_points
from checkin.core.danger import Tier
from checkin.core.danger_points import Key

DATA = Path(__file__).resolve().parents[1] / "tests" / "data" / "screen_texts.tsv"
POINTS = Path(danger_points.__file__).parent / "danger_rules" / "points.tsv"
SEEN_IN = 2  # texts a feature must be in
HOLD_BACK = 0.35  # how strongly points are drawn to 0 (the ridge)
SCALE = 50  # points a doubling-and-a-bit (e) of the odds
STILL = 1e-7  # log odds a step may move before it is the last; a point is 0.02
RAISE_AT = 0.75  # log odds from which a text is raised to B
PLAIN_AT = 0.5  # log odds from which danger counts as spoken plainly
RULES_AUTHOR = "0"  # who wrote the rules wrote these texts too: they count for half

Vector = NDArray[np.float64]


class Labelled(Struct, frozen=True):
    """One text, the tier people gave it, who wrote it, and its features."""

    label: str
    part: str
    language: str
    author: str
    text: str

    @property
    def danger(self) -> bool:
        return self.label in {"A", "B"}


class Model(Struct, frozen=True):
    """Log odds of each feature, and of a text without any."""

    weights: dict[Key, float]
    base: float

    def of(self, features: set[Key]) -> float:
        return self.base + sum(self.weights.get(feature, 0.0) for feature in features)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--write", action="store_true", help="write points.tsv (otherwise only show what they would find)")
    given = ask.parse_args()
    texts = [Labelled(*line.split("\t")) for line in DATA.read_text("utf-8").splitlines()[1:]]
    open_texts = [text for text in texts if text.part == "open"] + examples() + everyday()
    features = {text.text: features_of(text.text) for text in texts + open_texts}
    print(
        f"{'author':8}{'texts':>7}{'rules: found':>14}{'false':>8}{'with points: found':>25}{'false':>8}{'A as A':>8}"
    )
    for author in sorted({text.author for text in open_texts} - {RULES_AUTHOR}):
        models = learn([text for text in open_texts if text.author != author], features)
        show(author, [text for text in open_texts if text.author == author], models, features)
    models = learn(open_texts, features)
    for part, author in sorted({(text.part, text.author) for text in texts if text.part != "open"}):
        chosen = [text for text in texts if (text.part, text.author) == (part, author)]
        show(f"{part} {author}", chosen, models, features)
    if given.write:
        write(*models)
    return 0


def examples() -> list[Labelled]:
    """The examples of the rule files: what they say and what they must not be taken for."""
    return [
        Labelled(label, "open", language, RULES_AUTHOR, text)
        for language, file in danger_phrases.files().items()
        for family in file.family
        for label, listed in ((family.tier, family.examples), ("C", family.lowered), ("none", family.harmless))
        for text in listed
    ]


def everyday() -> list[Labelled]:
    """What mentees text day by day, of which the rules hear nothing."""
    lines = (DATA.parent / "mentee_texts.tsv").read_text("utf-8").splitlines()
    at = lines[0].split("\t").index("text")
    said = [line.split("\t")[at].replace("\\n", "\n") for line in lines[1:] if not line.startswith("#")]
    return [
        Labelled("none", "open", "en", RULES_AUTHOR, text)
        for text in dict.fromkeys(said)
        if danger.screen_by_rules(text).tier is Tier.none
    ]


def features_of(text: str) -> set[Key]:
    """All that a text could have points for, read as the screen reads it."""
    words = next(danger.parts(text))
    return {*danger_points.alone(words), *danger_points.together(words)}


def learn(texts: list[Labelled], features: dict[str, set[Key]]) -> tuple[Model, Model]:
    """Learn what speaks of danger from all texts, and what speaks of it plainly from those that do."""
    troubled = [text for text in texts if text.danger]
    return (
        fit(texts, [text.danger for text in texts], features),
        fit(troubled, [text.label == "A" for text in troubled], features),
    )


def fit(texts: list[Labelled], wanted: list[bool], features: dict[str, set[Key]]) -> Model:
    """Fit a logistic regression with a ridge, by Newton's method on the texts (they are fewer than the features)."""
    seen = Counter(feature for text in texts for feature in features[text.text])
    names = sorted((feature for feature, times in seen.items() if times >= SEEN_IN), key=danger_points.name_of)
    at = {name: place for place, name in enumerate(names)}
    table = np.zeros((len(texts), len(names)), np.float32)
    for row, text in enumerate(texts):
        table[row, [at[feature] for feature in features[text.text] if feature in at]] = 1
    kernel = (table @ table.T).astype(np.float64)
    weight = np.array([0.5 if text.author == RULES_AUTHOR else 1.0 for text in texts])
    alpha, base = newton(kernel, np.array(wanted, float), weight)
    return Model(dict(zip(names, (table.T @ alpha).tolist(), strict=True)), base)


def newton(kernel: Vector, wanted: Vector, weight: Vector) -> tuple[Vector, float]:
    """Solve for the share of each text in the weights, and the base; 12 steps are more than it has ever needed."""
    count = len(wanted)
    alpha, base = np.zeros(count), 0.0
    system = np.ones((count + 1, count + 1))
    system[-1, -1] = 0
    for _ in range(12):
        odds = kernel @ alpha + base
        share = np.clip(1 / (1 + np.exp(-odds)), 1e-6, 1 - 1e-6)
        spread = share * (1 - share)
        system[:-1, :-1] = kernel
        system[np.arange(count), np.arange(count)] += HOLD_BACK / (weight * spread)
        solved = np.linalg.solve(system, np.append(odds + (wanted - share) / spread, 0))
        is_still = np.allclose(solved[:-1], alpha, rtol=0, atol=STILL)
        alpha, base = solved[:-1], float(solved[-1])
        if is_still:
            break
    return alpha, base


def show(name: str, texts: list[Labelled], models: tuple[Model, Model], features: dict[str, set[Key]]) -> None:
    """Print what the rules alone and with the points find among *texts*."""
    ruled, raised = [], []
    for text in texts:
        found = danger.screen_by_rules(text.text)
        odds = [model.of(features[text.text]) for model in models]
        given = danger_points.Points(points(odds[0], RAISE_AT), points(odds[1], PLAIN_AT))
        ruled.append(found.tier)
        raised.append(danger.raised(found, given).tier)
    print(
        f"{name:8}{len(texts):7}{share(texts, ruled, True):14.1%}{share(texts, ruled, False):8.1%}"
        f"{share(texts, raised, True):25.1%}{share(texts, raised, False):8.1%}"
        f"{np.mean([tier is Tier.a for text, tier in zip(texts, raised, strict=True) if text.label == 'A']):8.1%}"
    )


def points(odds: float, enough: float) -> int:
    """Odds as points: danger_points.ENOUGH of them are *enough*."""
    return danger_points.ENOUGH + round(SCALE * (odds - enough))


def share(texts: list[Labelled], tiers: list[Tier], danger_spoken: bool) -> float:
    """The share called A or B of those texts that speak of danger, or of those that do not."""
    of = [tier in {Tier.a, Tier.b} for text, tier in zip(texts, tiers, strict=True) if text.danger is danger_spoken]
    return sum(of) / len(of)


def write(danger_model: Model, plain_model: Model) -> None:
    """Write the points, those of every text first."""
    lines = [f"\t{points(danger_model.base, RAISE_AT)}\t{points(plain_model.base, PLAIN_AT)}"]
    for feature in sorted(danger_model.weights.keys() | plain_model.weights.keys(), key=danger_points.name_of):
        pair = [round(SCALE * model.weights.get(feature, 0.0)) for model in (danger_model, plain_model)]
        if any(pair):
            lines.append(f"{danger_points.name_of(feature)}\t{pair[0]}\t{pair[1]}")
    POINTS.write_text("feature\tdanger\tplain\n" + "\n".join(lines) + "\n", "utf-8")
    print(f"wrote the points of {len(lines) - 1:,} features")


if __name__ == "__main__":
    sys.exit(main())
