"""Learn the points of the danger screen from the labelled texts, and show what they find in texts they have not seen.

Open texts are judged a sixth of their authors at a time, by points learned from all others; then all open texts
together give the points that are written to src/checkin/core/danger_rules/points.tsv. Held texts are never learned
from. Needs scikit-learn.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from checkin.core import danger, danger_phrases, danger_points
from checkin.core.danger import Screening, Tier
from checkin.core.danger_points import ENOUGH, Points

DATA = Path(__file__).resolve().parents[1] / "tests" / "data" / "screen_texts.tsv"
POINTS = Path(danger_points.__file__).parent / "danger_rules" / "points.tsv"
RULES_AUTHOR = "0"  # who wrote the rules wrote these texts too: they count for half
FOLDS = 6
SCALE = 50  # points a doubling-and-a-bit (e) of the odds
LEAST = 0.03  # log odds below which a key has no points
RAISE_AT = 0.6  # log odds of danger from which a text is raised to B
PLAIN_AT = 0.0  # log odds, among texts that speak of danger, from which one does so plainly
KEEP_AT = 0.6  # log odds from which what the rules found is kept: two in a hundred of what is true are below

Vector = NDArray[np.float64]


class Labelled(Struct, frozen=True):
    """One text, the tier people gave it, who wrote it, what the rules say, its keys, and those of each of its parts."""

    label: str
    part: str
    language: str
    author: str
    text: str
    ruled: Screening
    keys: frozenset[str]
    parts: list[frozenset[str]]
    says_little: bool

    @property
    def danger(self) -> bool:
        return self.label in {"A", "B"}

    @property
    def is_ruled(self) -> bool:
        return self.ruled.tier in {Tier.a, Tier.b}


class Model(Struct, frozen=True):
    """Log odds of each key, and of a text without any."""

    weights: dict[str, float]
    base: float

    def of(self, keys: Iterable[str]) -> float:
        return self.base + sum(self.weights.get(key, 0.0) for key in keys)


Models = tuple[Model, Model, Model]
"""That a text speaks of danger, that danger is spoken of plainly, that what the rules found is so."""


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--write", action="store_true", help="write points.tsv (otherwise only show what they would find)")
    given = ask.parse_args()
    texts = [labelled(*line.split("\t")) for line in DATA.read_text("utf-8").splitlines()[1:]]
    open_texts = [text for text in texts if text.part == "open"] + examples() + everyday()
    print(
        f"{'author':12}{'texts':>7}{'rules: found':>14}{'false':>8}{'and points: found':>20}{'false':>8}{'A as A':>8}"
    )
    authors = sorted({text.author for text in open_texts} - {RULES_AUTHOR}, key=int)
    unseen: list[tuple[Labelled, Tier]] = []
    for fold in range(FOLDS):
        models = learn([text for text in open_texts if text.author not in authors[fold::FOLDS]])
        unseen += [(text, judge(text, models)) for text in open_texts if text.author in authors[fold::FOLDS]]
    for author in authors:
        show(author, [pair for pair in unseen if pair[0].author == author])
    show("all open", unseen)
    models = learn(open_texts)
    held = [(text, judge(text, models)) for text in texts if text.part == "held"]
    for author in sorted({text.author for text, _ in held}, key=int):
        show(f"held {author}", [pair for pair in held if pair[0].author == author])
    for language in danger_phrases.files():
        show(f"held {language}", [pair for pair in held if pair[0].language == language])
    if given.write:
        write(models)
    return 0


def labelled(label: str, part: str, language: str, author: str, text: str) -> Labelled:
    """A text with all that it could have points for, read as the screen reads it."""
    words = next(danger.parts(text))
    keys, *parts = (
        frozenset(danger_points.keys(some)) - {""}
        for some in (danger_points.said_once(words), *danger_points.parts_of(words))
    )
    ruled, says_little = danger.screen_by_rules(text), danger_points.says_little(words)
    return Labelled(label, part, language, author, text, ruled, keys, parts, says_little)


def examples() -> list[Labelled]:
    """The examples of the rule files: what they say and what they must not be taken for."""
    return [
        labelled(label, "open", language, RULES_AUTHOR, text)
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
    texts = [labelled("none", "open", "en", RULES_AUTHOR, text) for text in dict.fromkeys(said)]
    return [text for text in texts if text.ruled.tier is Tier.none]


def learn(texts: list[Labelled]) -> Models:
    """Learn what speaks of danger from all texts, how from those that do, and what is meant from what rules found.

    What the rules found is few texts, so what was learned of all is added to what was learned of them.
    """
    troubled, ruled = [text for text in texts if text.danger], [text for text in texts if text.is_ruled]
    of_danger = fit(texts, [text.danger for text in texts], least_seen=3, loose=0.7)
    plain = fit(troubled, [text.label == "A" for text in troubled], least_seen=3, loose=1.0)
    meant = fit(ruled, [text.danger for text in ruled], least_seen=2, loose=0.3)
    both = {
        key: of_danger.weights.get(key, 0.0) + meant.weights.get(key, 0.0) for key in of_danger.weights | meant.weights
    }
    return of_danger, plain, Model(both, of_danger.base + meant.base)


def fit(texts: list[Labelled], wanted: list[bool], *, least_seen: int, loose: float) -> Model:
    """Fit a logistic regression with a ridge to the keys that are in *least_seen* texts; *loose* is its inverse."""
    seen = Counter(key for text in texts for key in text.keys)
    names = sorted(key for key, times in seen.items() if times >= least_seen)
    at = {name: place for place, name in enumerate(names)}
    places = [[at[key] for key in text.keys if key in at] for text in texts]
    starts = np.cumsum([0, *map(len, places)])
    columns = np.concatenate([np.array(row, np.int64) for row in places])
    table = csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(texts), len(names)))
    weight = [0.5 if text.author == RULES_AUTHOR else 1.0 for text in texts]
    fitted = LogisticRegression(C=loose, max_iter=500, tol=1e-5).fit(table, wanted, sample_weight=weight)
    return Model(dict(zip(names, fitted.coef_[0].tolist(), strict=True)), float(fitted.intercept_[0]))


def judge(text: Labelled, models: Models) -> Tier:
    """The tier of a text by the rules and the points of *models*."""
    if text.says_little:
        return text.ruled.tier
    at = (RAISE_AT, PLAIN_AT, KEEP_AT)
    parts = [[points(model.of(keys), enough) for model, enough in zip(models, at, strict=True)] for keys in text.parts]
    worst = max(parts, key=lambda part: part[0])
    return danger.weighed(text.ruled, Points(worst[0], worst[1], max(part[2] for part in parts))).tier


def show(name: str, judged: list[tuple[Labelled, Tier]]) -> None:
    """Print what the rules alone and with the points find."""
    plain = [tier is Tier.a for text, tier in judged if text.label == "A"]
    ruled = [(text, text.ruled.tier) for text, _ in judged]
    print(
        f"{name:12}{len(judged):7}{share(ruled, True):14.1%}{share(ruled, False):8.1%}"
        f"{share(judged, True):20.1%}{share(judged, False):8.1%}{np.mean(plain):8.1%}"
    )


def share(judged: list[tuple[Labelled, Tier]], danger_spoken: bool) -> float:
    """The share called A or B of those texts that speak of danger, or of those that do not."""
    of = [tier in {Tier.a, Tier.b} for text, tier in judged if text.danger is danger_spoken]
    return sum(of) / len(of)


def points(odds: float, enough: float) -> int:
    """Odds as points: ENOUGH of them are *enough*."""
    return ENOUGH + round(SCALE * (odds - enough))


def write(models: Models) -> None:
    """Write the points, those of every text first."""
    bases = (points(model.base, at) for model, at in zip(models, (RAISE_AT, PLAIN_AT, KEEP_AT), strict=True))
    lines = ["\t".join(["", *map(str, bases)])]
    for key in sorted({key for model in models for key in model.weights}):
        weights = [model.weights.get(key, 0.0) for model in models]
        if any(abs(weight) >= LEAST for weight in weights):
            lines.append("\t".join([key, *(str(round(SCALE * weight)) for weight in weights)]))
    POINTS.write_text("key\tdanger\tplain\tfound\n" + "\n".join(lines) + "\n", "utf-8")
    print(f"wrote the points of {len(lines) - 1:,} keys")


if __name__ == "__main__":
    sys.exit(main())
