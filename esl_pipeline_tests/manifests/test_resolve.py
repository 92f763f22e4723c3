from __future__ import annotations

from typing import Any, get_args

import pytest

from esl_pipeline.manifests import Layer, Origin, resolve
from esl_pipeline.manifests.fields import Field, all_fields
from esl_pipeline.manifests.notion_ids import page_id
from esl_pipeline.manifests.settings import Settings, SettingsLayerName
from esl_pipeline.manifests.tenant_file import read_tenant_file

FIELDS = [field for field in all_fields(Settings) if field.kind != "by key"]
ORDER: tuple[SettingsLayerName, ...] = ("environment", "tenant", "student", "manifest", "assignment", "run config")
TARGETS = ("data_source_id", "database_id", "database_name", "data_source_name", "parent_page_id")
SECRET_NAMES = (
    "notion.token_secret",
    "speech.api_key_secret",
    "storage.access_key_secret",
    "storage.secret_key_secret",
    "notify.webhook_secret",
    "notify.signing_secret",
    "notify.slack_secret",
)
GOOD: dict[str, tuple[object, ...]] = {
    "notion.data_source_id": ("ds", "00012", None),
    "notion.database_id": ("db", None),
    "notion.database_name": ("Homework", None),
    "notion.data_source_name": ("Homework", None),
    "notion.parent_page_id": ("pg", None),
    "notion.students_data_source_id": ("st", None),
    "notion.requests_per_minute": (1, 600, 6000, None),
    "notion.preset": ("any-name",),
    "notion.key_property": ("Key",),
    "notion.create_key_property": (False, True),
    "notion.overwrite_edits": (True, False),
    "speech.engine": ("openai", "a-plug-in"),
    "speech.mode": ("turns", "dialogue"),
    "speech.model": ("eleven_v3", None),
    "speech.language_code": ("en", "fil", None),
    "speech.default_accent": ("british", None),
    "speech.voice_settings.stability": (0, 0.25, 1),
    "speech.voice_settings.similarity_boost": (0, 1),
    "speech.voice_settings.style": (0, 1),
    "speech.voice_settings.use_speaker_boost": (False, True),
    "speech.context": ("turn", "neighbours"),
    "speech.word_captions": (True, False),
    "speech.catalogue_max_age_h": (1, 8760),
    "speech.voice_settings.speed": (0.7, 1, 1.2, None),
    "speech.seed": (0, 4294967295),
    "speech.max_concurrent_requests": (1, 50),
    "audio.pause_ms": (0, 5000),
    "audio.paragraph_pause_ms": (0, 5000),
    "audio.sentence_pause_ms": (0, 5000),
    "audio.end_pause_ms": (0, 5000),
    "audio.loudness_lufs": (-30, -10),
    "audio.true_peak_dbtp": (-9, 0),
    "audio.bitrate_kbps": (32, 96, 320),
    "audio.album": ("My school",),
    "audio.cover": ("cover.jpg", None),
    "audio.slow_track": (True, False),
    "audio.slow_speed": (0.5, 0.95),
    "audio.dictation_track": (True, False),
    "storage.bucket": ("lessons", None),
    "storage.prefix": ("", "a/b", "Übung 1", "..a/b..", "a/", "a" * 600),
    "storage.endpoint_url": ("https://s3.example.com", "http://127.0.0.1:9000", "http://[::1]:9000", None),
    "storage.region": ("eu-central-1", "auto", None),
    "storage.role_arn": ("arn:aws:iam::123456789012:role/path/lessons", "arn:aws-cn:iam::123456789012:role/a", None),
    "storage.public_base_url": ("https://a.example", "http://127.0.0.1:9000/bucket", None),
    "storage.publishing": ("public", "presigned", "notion"),
    "storage.presigned_days": (1, 7),
    "budget.characters_soft": (0, 10**9, None),
    "budget.characters_hard": (0, 10**9, None),
    "budget.usd_soft": (0, 2.5, 10**6, None),
    "budget.usd_hard": (0, 2.5, 10**6, None),
    "budget.usd_per_1000_characters": (0, 0.08, 100, None),
    "retention.artifacts_days": (1, 3650),
    "retention.archive_days": (1, 3650),
    "notify.email": ("ann@school.example", "ann@school.example , bob@school.example", None),
    "notify.repeat_h": (1, 720),
    "notify.template": ("$tenant/${assignment}a: $message\n$$5\n", "sorry", None),
    **dict.fromkeys(SECRET_NAMES, ("NOTION_TOKEN", "A", "A1_2B", "A" * 64, None)),
}
NOT_TEXT: tuple[object, ...] = (3, True, [], {}, "")
NOT_TRUTH: tuple[object, ...] = ("maybe", 2, [], None, "")
BAD: dict[str, tuple[object, ...]] = {
    "notion.data_source_id": NOT_TEXT,
    "notion.database_id": NOT_TEXT,
    "notion.database_name": NOT_TEXT,
    "notion.data_source_name": NOT_TEXT,
    "notion.parent_page_id": NOT_TEXT,
    "notion.students_data_source_id": NOT_TEXT,
    "notion.requests_per_minute": (0, 6001, 0.5, True, "many"),
    "notion.preset": (*NOT_TEXT, None),
    "notion.key_property": (*NOT_TEXT, None),
    "notion.create_key_property": NOT_TRUTH,
    "notion.overwrite_edits": NOT_TRUTH,
    "speech.engine": (*NOT_TEXT, None),
    "speech.mode": (*NOT_TEXT, None, "dialog"),
    "speech.model": NOT_TEXT,
    "speech.language_code": (*NOT_TEXT, "EN", "english", "en-GB"),
    "speech.default_accent": NOT_TEXT,
    "speech.voice_settings.stability": (-0.1, 1.1, True, "high", None, float("nan")),
    "speech.voice_settings.similarity_boost": (-0.1, 1.1, True, None),
    "speech.voice_settings.style": (-0.1, 1.1, True, None),
    "speech.voice_settings.use_speaker_boost": NOT_TRUTH,
    "speech.context": (*NOT_TEXT, None, "turns"),
    "speech.word_captions": NOT_TRUTH,
    "speech.catalogue_max_age_h": (0, 8761, 0.5, True, None),
    "speech.voice_settings.speed": (0.69, 1.21, True, "slow", float("nan")),
    "speech.seed": (-1, 4294967296, 0.5, True, None),
    "speech.max_concurrent_requests": (0, 51, 1.5, True, None),
    "audio.pause_ms": (-1, 5001, 0.5, "600ms", True, [], {}, None, 10**400),
    "audio.paragraph_pause_ms": (-1, 5001, 0.5, True, None),
    "audio.sentence_pause_ms": (-1, 5001, 0.5, True, None),
    "audio.end_pause_ms": (-1, 5001, 0.5, True, None),
    "audio.loudness_lufs": (-30.1, -9.9, True, None, float("nan"), float("-inf")),
    "audio.true_peak_dbtp": (-9.1, 0.1, True, None),
    "audio.bitrate_kbps": (0, 31, 100, 321, True, None),
    "audio.album": (*NOT_TEXT, None),
    "audio.cover": NOT_TEXT,
    "audio.slow_track": NOT_TRUTH,
    "audio.slow_speed": (0.49, 0.96, True, None),
    "audio.dictation_track": NOT_TRUTH,
    "storage.bucket": NOT_TEXT,
    "storage.prefix": (
        3,
        True,
        None,
        "/a",
        "\\a",
        "a\nb",
        "a\0",
        "..",
        "../a",
        "a/../../b",
        "a/./b",
        "a\\..",
        "a" * 601,
        "ü" * 301,
    ),
    "storage.endpoint_url": (
        *NOT_TEXT,
        "ftp://a",
        "file:///etc",
        "a.example",
        "https://",
        "https://u:p@a",
        "https://a/b",
        "https://a?b",
        "https://a\n",
    ),
    "storage.region": (*NOT_TEXT, "EU", "eu central", "a" * 33, "eu\n"),
    "storage.role_arn": (*NOT_TEXT, "lessons", "arn:aws:iam::123:role/a", "arn:aws:iam::123456789012:user/a", "a b"),
    "storage.public_base_url": (
        *NOT_TEXT,
        "ftp://a",
        "a.example",
        "https://",
        "https://u:p@a",
        "https://a/?b",
        "https://a b",
    ),
    "storage.publishing": (*NOT_TEXT, None, "private"),
    "storage.presigned_days": (0, 8, 1.5, True, None),
    "budget.characters_soft": (-1, 10**9 + 1, 0.5, True, "many"),
    "budget.characters_hard": (-1, 10**9 + 1, 0.5, True, "many"),
    "budget.usd_soft": (-0.01, 10**6 + 1, True, "free", float("inf")),
    "budget.usd_hard": (-0.01, 10**6 + 1, True, "free", float("inf")),
    "budget.usd_per_1000_characters": (-0.01, 101, True, "free", float("nan")),
    "retention.artifacts_days": (0, 3651, 0.5, True, None),
    "retention.archive_days": (0, 3651, 0.5, True, None),
    "notify.email": (*NOT_TEXT, "ann", "a@b@c", "ann@a,", "Ann <ann@a>", "ann@a\nBcc: bob@b", "a" * 500 + "@a"),
    "notify.repeat_h": (0, 721, 0.5, True, None),
    "notify.template": (*NOT_TEXT, "$", "$lesson", "${tenant", "$tenants", "$Tenant", "a" * 2001),
    **dict.fromkeys(SECRET_NAMES, (*NOT_TEXT, "ntn_1", "A__B", "_A", "A_", "A" * 65, "../A", "A\n", "1A", "Ä")),
}


def nested(path: str, value: object) -> dict[str, Any]:
    *sections, name = path.split(".")
    values: dict[str, Any] = {name: value}
    for section in reversed(sections):
        values = {section: values}
    return values


def value_of(settings: Settings, path: str) -> object:
    at: Any = settings
    for part in path.split("."):
        at = getattr(at, part)
    return at


def layer(name: SettingsLayerName, **sections: object) -> Layer:
    return Layer(name, f"the {name}", sections)


def test_without_layers_everything_is_the_default_and_says_so() -> None:
    resolved = resolve([])
    assert resolved.settings == Settings()
    assert resolved.problems == ()
    assert set(resolved.origins) == {field.path for field in all_fields(Settings)}
    assert set(resolved.origins.values()) == {Origin("default", "built in")}


def test_the_order_of_the_layers_is_that_of_their_names() -> None:
    assert ("default", *ORDER) == get_args(SettingsLayerName)


@pytest.mark.parametrize("top", range(len(ORDER)))
def test_the_last_layer_that_gives_a_setting_wins(top: int) -> None:
    layers = [layer(name, audio={"pause_ms": n}) for n, name in enumerate(ORDER[: top + 1])]
    layers += [layer(name, audio={"end_pause_ms": 9}) for name in ORDER[top + 1 :]]
    resolved = resolve(layers)
    assert resolved.settings.audio.pause_ms == top
    assert resolved.origins["audio.pause_ms"] == Origin(ORDER[top], f"the {ORDER[top]}")


def test_a_layer_keeps_what_it_does_not_name() -> None:
    resolved = resolve(
        [layer("tenant", audio={"pause_ms": 1, "end_pause_ms": 2}), layer("manifest", audio={"pause_ms": 3})]
    )
    assert (resolved.settings.audio.pause_ms, resolved.settings.audio.end_pause_ms) == (3, 2)
    assert resolved.origins["audio.end_pause_ms"].layer == "tenant"


def test_voices_are_put_together_speaker_by_speaker() -> None:
    resolved = resolve(
        [
            layer("tenant", speech={"voices": {"Kim": "Alice", "Ms. Lee": "Sarah"}}),
            layer("manifest", speech={"voices": {"Kim": "Lily"}}),
        ]
    )
    assert resolved.settings.speech.voices == {"Kim": "Lily", "Ms. Lee": "Sarah"}
    assert resolved.origins["speech.voices.Kim"].layer == "manifest"
    assert resolved.origins["speech.voices.Ms. Lee"].layer == "tenant"
    assert "speech.voices" not in resolved.origins


def test_an_empty_group_changes_nothing() -> None:
    assert resolve([layer("tenant", audio=None, speech={"voices": None})]).settings == Settings()


def test_a_layer_can_take_away_what_may_be_missing() -> None:
    resolved = resolve([layer("tenant", storage={"bucket": "a"}), layer("manifest", storage={"bucket": None})])
    assert resolved.settings.storage.bucket is None
    assert resolved.origins["storage.bucket"].layer == "manifest"


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        ({"data_source_id": "d1"}, {"database_id": "b2"}, (None, "b2")),
        ({"database_id": "b1"}, {"data_source_id": "d2"}, ("d2", None)),
        ({"data_source_id": "d1", "database_id": "b1"}, {"database_id": "b2"}, (None, "b2")),
        ({"data_source_id": "d1"}, {"data_source_id": "d2", "database_id": "b2"}, ("d2", "b2")),
        ({"data_source_id": "d1"}, {"database_id": None}, ("d1", None)),
        ({"data_source_id": "d1"}, {"preset": "x"}, ("d1", None)),
        ({"data_source_id": "d1"}, {"parent_page_id": "p2"}, (None, None)),
        ({"database_id": "b1"}, {"data_source_name": "Homework"}, (None, None)),
        ({"database_name": "Homework", "parent_page_id": "p1"}, {"database_id": "b2"}, (None, "b2")),
    ],
)
def test_a_tenants_database_is_not_overruled_by_the_data_source_of_a_lower_layer(
    lower: dict[str, Any], upper: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    notion = resolve([layer("environment", notion=lower), layer("tenant", notion=upper)]).settings.notion
    assert (notion.data_source_id, notion.database_id) == expected
    named = {name for name in TARGETS if getattr(notion, name) is not None}
    assert named == {name for name in (upper if any(upper.get(name) for name in TARGETS) else lower) if name in TARGETS}


ID = "1f0c2a9e5b7d4c3f8a6e1b2c3d4e5f60"
DASHED = "1f0c2a9e-5b7d-4c3f-8a6e-1b2c3d4e5f60"
OTHER = "0b9e7c551d2f4a639c48d1e2f3a4b5c6"


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        (f"https://www.notion.so/my-school/{ID}?v={OTHER}&pvs=4", ID),
        (f"https://www.notion.so/my-school/Homework-B1-{ID}#{OTHER}", ID),
        (f"https://app.notion.com/p/Homework-{ID.upper()}?v={OTHER}", ID),
        (f"https://app.notion.com/p/{DASHED}/", DASHED),
        (f"https://my-school.notion.site/Homework-{ID}", ID),
        (DASHED, DASHED),
        (f" {ID.upper()} ", ID),
        ("https://www.notion.so/my-school/Homework", "https://www.notion.so/my-school/Homework"),
    ],
)
def test_an_address_of_notion_stands_for_its_id(pasted: str, expected: str) -> None:
    for name in ("data_source_id", "database_id", "parent_page_id", "students_data_source_id"):
        resolved = resolve([layer("tenant", notion={name: pasted})])
        assert getattr(resolved.settings.notion, name) == expected
        assert resolved.problems == ()


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        (f"https://www.notion.so/s/{OTHER}?v={OTHER}&p={ID}&pm=s", ID),
        (f"https://www.notion.so/s/At-the-Station-{ID}", ID),
        (f" {DASHED.upper()} ", DASHED),
    ],
)
def test_the_page_of_an_address_is_the_one_that_is_shown(pasted: str, expected: str) -> None:
    assert page_id(pasted) == expected


@pytest.mark.parametrize("pasted", ["", "page", "https://www.notion.so/school/Homework", f"x{ID}"])
def test_what_has_no_id_is_refused(pasted: str) -> None:
    with pytest.raises(ValueError, match="neither an id of a page"):
        page_id(pasted)


def test_a_wrong_value_puts_its_setting_back_to_the_default_and_is_told() -> None:
    resolved = resolve(
        [
            layer("tenant", audio={"pause_ms": 100, "end_pause_ms": 200}),
            layer("manifest", audio={"pause_ms": -1}),
        ]
    )
    assert (resolved.settings.audio.pause_ms, resolved.settings.audio.end_pause_ms) == (600, 200)
    assert resolved.origins["audio.pause_ms"].layer == "default"
    (problem,) = resolved.problems
    assert str(problem) == (
        "the manifest:1:1 error S-VALUE audio.pause_ms must be a whole number from 0 to 5000, not -1."
    )


def test_a_layer_above_a_wrong_value_still_counts() -> None:
    resolved = resolve([layer("tenant", audio={"pause_ms": -1}), layer("manifest", audio={"pause_ms": 7})])
    assert resolved.settings.audio.pause_ms == 7
    assert len(resolved.problems) == 1


def test_a_group_that_is_none_puts_all_of_it_back_to_the_defaults() -> None:
    lower = layer("tenant", audio={"pause_ms": 1}, speech={"seed": 7})
    resolved = resolve([lower, Layer("manifest", "a", {"audio": 3})])
    assert (resolved.settings.audio.pause_ms, resolved.settings.speech.seed) == (600, 7)


def test_one_wrong_voice_leaves_the_others() -> None:
    resolved = resolve([layer("tenant", speech={"voices": {"Kim": "Alice", "Lee": ["x"]}})])
    assert resolved.settings.speech.voices == {"Kim": "Alice"}
    assert [problem.rule for problem in resolved.problems] == ["S-VALUE"]


def test_a_level_of_ones_own_leaves_the_paces_of_the_other_levels() -> None:
    resolved = resolve([layer("tenant", speech={"level_speeds": {"B1": 0.95}})])
    assert resolved.settings.speech.level_speeds == {"A1": 0.85, "A2": 0.92, "B1": 0.95}
    resolved = resolve([layer("tenant", speech={"level_speeds": {"A1": 1}})])
    assert resolved.settings.speech.level_speeds == {"A1": 1, "A2": 0.92}


@pytest.mark.parametrize(
    ("level", "pace"),
    [
        ("A1", 0.85),
        ("a1+", 0.85),
        ("A2-B1", 0.92),
        ("Pre-A1", 0.85),
        ("CEFR A2", 0.92),
        ("B1", 1),
        ("", 1),
        ("easy", 1),
    ],
)
def test_a_level_between_two_has_the_pace_of_the_first(level: str, pace: float) -> None:
    assert Settings().speech.pace_of_level(level) == pace


def test_another_engine_does_away_with_the_model_of_the_former_one() -> None:
    lower = layer("environment", speech={"model": "eleven_v3"})
    assert resolve([lower, layer("tenant", speech={"engine": "openai"})]).settings.speech.model is None
    assert resolve([lower, layer("tenant", speech={"engine": "elevenlabs"})]).settings.speech.model == "eleven_v3"
    both = layer("tenant", speech={"engine": "openai", "model": "tts-1"})
    assert resolve([lower, both]).settings.speech.model == "tts-1"
    assert resolve([both, layer("manifest", speech={"model": "tts-1-hd"})]).settings.speech.engine == "openai"


def test_a_soft_limit_may_equal_the_hard_one_and_the_wrong_one_is_where_it_stands() -> None:
    assert resolve([layer("tenant", budget={"usd_soft": 2.5, "usd_hard": 2.5})]).problems == ()
    lower = layer("tenant", budget={"characters_hard": 100})
    (problem,) = resolve([lower, layer("manifest", budget={"characters_soft": 200})]).problems
    assert (problem.file, problem.rule) == ("the manifest", "S-VALUE")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_every_setting_takes_its_range(field: Field) -> None:
    for value in GOOD[field.path]:
        resolved = resolve([Layer("manifest", "a.yaml", nested(field.path, value))])
        assert resolved.problems == ()
        assert value_of(resolved.settings, field.path) == value
        assert resolved.origins[field.path] == Origin("manifest", "a.yaml")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_every_setting_refuses_what_is_out_of_its_range(field: Field) -> None:
    for value in BAD[field.path]:
        resolved = resolve([Layer("manifest", "a.yaml", nested(field.path, value))])
        assert [problem.rule for problem in resolved.problems] == ["S-VALUE"], value
        assert f"{field.path} must be {field.allowed}, not " in resolved.problems[0].message
        assert value_of(resolved.settings, field.path) == field.default


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_every_misspelt_setting_is_refused_with_the_one_that_was_meant(field: Field) -> None:
    misspelt = field.path + field.path[-1]
    (problem,) = resolve([Layer("manifest", "a.yaml", nested(misspelt, "sk_1234567890"))]).problems
    assert problem.rule == "S-UNKNOWN"
    assert problem.fix == f"Did you mean {field.path}?"
    assert "sk_1234567890" not in str(problem)


@pytest.mark.parametrize("written", ["yes", "no", "on", "off", "true", "false"])
def test_true_and_false_may_be_written_in_words(written: str) -> None:
    file, _ = read_tenant_file(
        f"schema_version: 2\nsettings: {{notion: {{overwrite_edits: {written}}}}}", file="a.yaml"
    )
    assert file is not None
    resolved = resolve(file.layers(""))
    assert resolved.problems == ()
    assert resolved.settings.notion.overwrite_edits is (written in ("yes", "on", "true"))


def test_every_problem_of_every_layer_is_told_once_in_their_order() -> None:
    layers = [layer(name, audio={"pause_ms": "x", "end_pause_ms": "y"}) for name in ORDER]
    assert [problem.file for problem in resolve(layers).problems] == [f"the {name}" for name in ORDER for _ in "xy"]


def test_the_origin_of_a_setting_has_its_place_in_the_file() -> None:
    file, _ = read_tenant_file("schema_version: 2\nsettings:\n  notion: {preset: x}\n", file="a.yaml")
    assert file is not None
    at = resolve(file.layers("")).origins["notion.preset"].at
    assert (at.line, at.column) == (3, 20)


@pytest.mark.parametrize("path", SECRET_NAMES)
def test_a_secret_in_the_place_of_its_name_is_not_shown(path: str) -> None:
    (problem,) = resolve([Layer("manifest", "a.yaml", nested(path, "ntn_1234567890"))]).problems
    assert "ntn_1234567890" not in str(problem)
    assert "the name of a secret, not the secret" in problem.message
