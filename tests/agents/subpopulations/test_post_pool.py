"""The recorded pool: exact with known voices, the same from the file, refused when it is another's."""

import numpy as np
import pytest

from agents.language.identity import model_identity, sha256_of_file
from agents.language.packaged_model import packaged_model
from agents.language.synthetic import SyntheticLanguageModel
from agents.language.transformers_model import TransformersLanguageModel
from agents.subpopulations.bigfive.material import TRAITS
from agents.subpopulations.bigfive.population import shipped_adapter
from agents.subpopulations.post_pool import Origin, PostPool, read_pool, recorded_pool, write_pool
from agents.subpopulations.subpopulation_model import SubpopulationModel
from agents.subpopulations.training import WEIGHTS_FILE
from sim.errors import InputError
from sim.randomness import generator

GROUPS, TOPICS = ("calm", "loud", "odd"), ("rain", "bread")
MODELS = tuple(SubpopulationModel(group=g, share=1 / 3, adapter=g) for g in GROUPS)
VOICE = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.05, 0.05, 0.9]])


def origin(**changes):
    settings = {"model": "synthetic", "models": MODELS, "adapters": {}, "topics": TOPICS, "texts": 400, "max_tokens": 8}
    return Origin.of(**(settings | changes))


@pytest.fixture(scope="module")
def language():
    return SyntheticLanguageModel(GROUPS, voice=VOICE)


@pytest.fixture(scope="module")
def pool(language):
    return write_pool(language, MODELS, origin())


def test_texts_stand_where_their_group_and_topic_say(pool, language):
    group, topic = pool.origin.cells
    assert len(pool.texts) == 3 * 2 * 400
    request = MODELS[1].post("bread", seed=0, max_tokens=8)
    where = (group == 1) & (topic == 1)
    assert where.nonzero()[0].tolist() == list(range(1200, 1600))
    assert request.adapter == "loud"
    expressed = [GROUPS.index(language.expressed_group(text)) for text in pool.texts]
    # What is heard is the group most likely to write that text, column by column of the known voices.
    np.testing.assert_array_equal(pool.voices, VOICE.argmax(axis=0)[expressed])
    np.testing.assert_allclose(pool.logprobs, np.log(VOICE).T[expressed])
    assert pool.silent == pool.repeated == 0


def test_confusion_is_that_of_the_known_voices(pool):
    gap = np.abs(pool.confusion() - VOICE)
    assert (gap < 4 * np.sqrt(VOICE * (1 - VOICE) / 800)).all()
    np.testing.assert_allclose(pool.confusion().sum(axis=1), 1)


def test_drawing_is_even_within_a_cell_and_never_leaves_it(pool):
    rng = generator(3, round=0, agent=-1, purpose="test")
    groups, topics = rng.integers(3, size=200_000), rng.integers(2, size=200_000)
    index = pool.draw(groups, topics, generator(4, round=0, agent=-1, purpose="test"))
    group, topic = pool.origin.cells
    np.testing.assert_array_equal(group[index], groups)
    np.testing.assert_array_equal(topic[index], topics)
    counts = np.bincount(index, minlength=len(pool.texts))
    expected = len(index) / len(pool.texts)
    assert abs(((counts - expected) ** 2 / expected).sum() - len(counts)) < 6 * np.sqrt(2 * len(counts))
    heard = pool(groups, topics, generator(4, round=0, agent=-1, purpose="test"))
    np.testing.assert_array_equal(heard, pool.voices[index])


def test_the_file_gives_the_same_pool_and_is_written_once(pool, language, tmp_path):
    path = tmp_path / "pools" / "pool.parquet"
    pool.save(path)
    again = recorded_pool(path, SyntheticLanguageModel(["nobody"]), MODELS, origin())
    assert again.texts == pool.texts
    np.testing.assert_array_equal(again.logprobs, pool.logprobs)
    np.testing.assert_array_equal(again.voices, pool.voices)
    assert [file.name for file in path.parent.iterdir()] == ["pool.parquet"]
    other = tmp_path / "other.parquet"
    assert recorded_pool(other, language, MODELS, origin()).texts == pool.texts
    assert other.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"model": "another"}, "model of post pool"),
        ({"adapters": {"loud": "0" * 64}}, "voices of post pool"),
        ({"models": MODELS[::-1]}, "voices of post pool"),
        ({"topics": ("rain", "salt")}, "topics of post pool"),
        ({"texts": 3}, "texts of post pool"),
        ({"max_tokens": 9}, "max_tokens of post pool"),
        ({"temperature": 0.5}, "temperature of post pool"),
        ({"seed": 1}, "seed of post pool"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_pool_of_another_origin_is_refused(pool, changes, named, tmp_path):
    path = tmp_path / "pool.parquet"
    pool.save(path)
    with pytest.raises(InputError, match=named):
        read_pool(path, origin(**changes))


def test_what_is_no_pool_is_refused(pool, tmp_path):
    path = tmp_path / "pool.parquet"
    for content in (b"", b"PAR1 nothing", b"group,text"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="no recorded pool"):
            read_pool(path, origin())
    with pytest.raises(InputError, match="no recorded pool"):
        read_pool(tmp_path / "absent.parquet", origin())
    pool.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="no recorded pool"):
        read_pool(path, origin())


def test_rows_that_were_changed_by_hand_are_refused(pool, tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "pool.parquet"
    pool.save(path)
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    with pytest.raises(InputError, match="rows of post pool"):
        read_pool(path, origin())


def test_a_save_that_fails_leaves_nothing_behind(pool, tmp_path):
    path = tmp_path / "pool.parquet"
    (path / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"pool\.parquet"):
        pool.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["pool.parquet"]


def test_empty_texts_are_unheard_and_all_empty_is_an_error(tmp_path):
    small = origin(texts=2)
    texts = ["", "a", *["b"] * 10]
    logprobs = np.where(np.array([bool(t) for t in texts])[:, None], np.log(VOICE[[0] * 12]), np.nan)
    pool = PostPool.heard(small, texts, logprobs)
    assert (pool.silent, pool.repeated, pool.voices[0]) == (1, 9, -1)
    pool.save(tmp_path / "pool.parquet")
    assert read_pool(tmp_path / "pool.parquet", small).silent == 1
    np.testing.assert_allclose(pool.confusion()[:, 0], 1)
    mute = PostPool.heard(small, [""] * 4 + ["b"] * 8, np.zeros((12, 3)))
    with pytest.raises(InputError, match="posts of 'calm'"):
        mute.confusion()


@pytest.mark.parametrize("changes", [{"texts": 0}, {"topics": ()}, {"models": ()}, {"max_tokens": 0}])
def test_nothing_to_write_is_an_error(changes):
    with pytest.raises(InputError):
        origin(**changes)


@pytest.mark.slow
def test_a_real_model_writes_a_pool_that_is_mostly_heard_as_drawn(tmp_path):
    chosen = {"O": "Openness", "E": "Extraversion", "N": "Neuroticism"}
    assert chosen.items() <= TRAITS.items()
    folder = packaged_model()
    adapters = {name: shipped_adapter(trait) for trait, name in chosen.items()}
    models = [SubpopulationModel(group=name, share=1 / 3, adapter=name) for name in chosen.values()]
    hashes = {name: sha256_of_file(path / WEIGHTS_FILE) for name, path in adapters.items()}
    weights = model_identity(folder).weights_sha256
    wanted = Origin.of(weights, models, hashes, ("Monday morning", "a party"), texts=4, max_tokens=16)
    path = tmp_path / "pool.parquet"
    with TransformersLanguageModel(folder, adapters, "float32") as language:
        pool = recorded_pool(path, language, models, wanted)
        again = write_pool(language, models, wanted)
    assert pool.texts == again.texts
    assert pool.silent <= 2
    assert pool.repeated <= 2
    assert np.trace(pool.confusion()) / 3 > 0.55  # by chance 0.33
    with pytest.raises(InputError, match="voices"):
        read_pool(path, Origin.of(weights, models, {**hashes, "Openness": "0"}, wanted.topics, texts=4, max_tokens=16))
