"""The options of one run: what they are, their ranges and their defaults."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from esl_pipeline.manifests import notice_template
from esl_pipeline.manifests.notion_ids import NotionId
from esl_pipeline.slugs import leads_elsewhere

Mp3Bitrate = Literal[32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
"""The bit rates of MPEG-1 layer III, in kbit/s."""

CEFR_LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
MAX_PREFIX_BYTES = 600
"""Of S3's 1,024 for a key; names of tenant, assignment and file need the rest."""
ROLES = ("narrator", "teacher", "student")

Name = Annotated[str, Field(min_length=1)]
IdOrAddress = Annotated[NotionId, Field(min_length=1)]


def _secret_name(means: str) -> Any:
    """Returns the field of a secret's name; the secrets themselves are nowhere in settings."""
    return Field(
        None,
        max_length=64,
        pattern=r"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$",
        description=f"Name of the tenant's secret that is {means}.",
        json_schema_extra=described(
            "the name of a secret, not the secret: capital letters, digits and single underscores, such as MY_TOKEN"
        ),
    )


def described(allowed: str) -> dict[str, Any]:
    """Says in words what a pattern allows, to be read after "must be"."""
    return {"allowed": allowed}


def keyed(keys: Sequence[str]) -> dict[str, Any]:
    """Names the only keys that there are, of a setting that takes values by key."""
    return {"keys": [*keys]}


def _check_prefix(text: str) -> str:
    """Returns a prefix of keys that stays what it is where keys are read as paths, as some stores and proxies do."""
    begins_with_slash = text[:1] in {"/", "\\"}
    if begins_with_slash or leads_elsewhere(text) or not text.isprintable() or len(text.encode()) > MAX_PREFIX_BYTES:
        raise ValueError("This is no prefix of keys.")
    return text


class Section(BaseModel):
    """A frozen group of options that refuses names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NotionSettings(Section):
    """Where the page goes and how it looks."""

    data_source_id: IdOrAddress | None = Field(None, description="Data source that takes the pages.")
    database_id: IdOrAddress | None = Field(None, description="Database with the data source that takes the pages.")
    database_name: Name | None = Field(None, description="The same database by its title.")
    data_source_name: Name | None = Field(
        None, description="Data source by its name, in the database where one is given, else anywhere."
    )
    parent_page_id: IdOrAddress | None = Field(None, description="Page under which the pages go, without any columns.")
    students_data_source_id: IdOrAddress | None = Field(
        None, description="Data source of the students, for the relation."
    )
    token_secret: str | None = _secret_name("the integration's token; `NOTION_TOKEN` where none is given")
    requests_per_minute: int | None = Field(
        None,
        ge=1,
        le=6000,
        description="Requests in a minute that the tenant's own token may send by its plan; 180 where none is given, "
        "in the sandbox any number.",
    )
    preset: Name = Field("b1-default", description="Heading colours, by name.")
    key_property: Name = Field("ESL Key", description="Text column that holds the assignment's key.")
    create_key_property: bool = Field(True, description="Whether a missing key column may be added.")
    overwrite_edits: bool = Field(False, description="Whether blocks that a person edited may be replaced.")


class VoiceSettings(Section):
    """How a voice speaks, as ElevenLabs takes it."""

    stability: float = Field(0.5, ge=0, le=1, description="0 varied to 1 steady.")
    similarity_boost: float = Field(0.75, ge=0, le=1, description="Closeness to the original voice.")
    style: float = Field(0.0, ge=0, le=1, description="Exaggeration of the voice's style.")
    use_speaker_boost: bool = Field(True, description="Whether to boost likeness to the speaker.")
    speed: float | None = Field(
        None, ge=0.7, le=1.2, description="1 is the voice's own pace; by the lesson's level where none is given."
    )


class SpeechSettings(Section):
    """Who speaks and how the speech is bought."""

    engine: Name = Field(
        "elevenlabs", description="Who speaks: elevenlabs, openai, local, neural, or a plug-in's name."
    )
    api_key_secret: str | None = _secret_name(
        "the engine's API key; its own name, such as `ELEVENLABS_API_KEY`, where none is given"
    )
    mode: Literal["turns", "dialogue"] = Field(
        "turns", description="One request per turn, or one for several turns where the model speaks dialogues."
    )
    model: Name | None = Field(None, description="The engine's model; its own default where none is given.")
    language_code: str | None = Field(
        None,
        pattern=r"^[a-z]{2,3}$",
        description="ISO 639 language, where the model takes one.",
        json_schema_extra=described("a language code of two or three small letters, such as en"),
    )
    default_accent: Name | None = Field(None, description="Accent preferred where a profile names none.")
    voices: dict[str, Name] = Field(default_factory=dict, description="Speaker label to voice id or name.")
    fallback_voices: dict[str, Name] = Field(
        default_factory=dict,
        description="Role to the voice that stands in for a lost one.",
        json_schema_extra=keyed(ROLES),
    )
    level_speeds: dict[str, Annotated[float, Field(ge=0.7, le=1.2)]] = Field(
        default_factory=lambda: {"A1": 0.85, "A2": 0.92},
        description="CEFR level to pace; other levels have 1.",
        json_schema_extra=keyed(CEFR_LEVELS),
    )
    pronunciations: dict[str, Name] = Field(
        default_factory=dict, description="Word as written to word as spoken, for names that a voice gets wrong."
    )
    context: Literal["turn", "neighbours"] = Field(
        "turn",
        description="What a request tells of the text around it: the rest of its turn, or the neighbouring turns too, "
        "which are then bought again when their neighbour changes.",
    )
    word_captions: bool = Field(
        False, description="Whether captions follow word by word, where the engine times words."
    )
    catalogue_max_age_h: int = Field(
        48, ge=1, le=8760, description="Hours after which the list of voices is read again before casting."
    )
    voice_settings: VoiceSettings = Field(default_factory=lambda: VoiceSettings())
    seed: int = Field(0, ge=0, le=4294967295, description="Makes repeated requests alike.")
    max_concurrent_requests: int = Field(
        5, ge=1, le=50, description="Requests at a time; with a key of the tenant's own, what its plan allows."
    )

    def pace_of_level(self, level: str) -> float:
        """Returns the pace for a lesson's level; of one such as ``A1+`` or ``A2-B1`` the first CEFR level counts."""
        found = re.search("[ABC][12]", level.upper())
        return self.level_speeds.get(found[0], 1.0) if found else 1.0


class AudioSettings(Section):
    """How segments become one track."""

    pause_ms: int = Field(600, ge=0, le=5000, description="Silence between turns.")
    paragraph_pause_ms: int = Field(450, ge=0, le=5000, description="Silence between paragraphs of one turn.")
    sentence_pause_ms: int = Field(200, ge=0, le=5000, description="Silence where a long paragraph was cut.")
    end_pause_ms: int = Field(500, ge=0, le=5000, description="Silence after the last turn.")
    loudness_lufs: float = Field(-16.0, ge=-30, le=-10, description="Integrated loudness of the track.")
    true_peak_dbtp: float = Field(-1.0, ge=-9, le=0, description="Highest true peak.")
    bitrate_kbps: Mp3Bitrate = Field(128, description="MP3 bit rate.")
    album: Name = Field("English lessons", description="Album in the MP3's tags.")
    cover: Name | None = Field(
        None, description="JPEG or PNG file in the folder of tenant files, for the MP3's picture; at most 1 MB."
    )
    slow_track: bool = Field(False, description="Whether a slow track is made too.")
    slow_speed: float = Field(0.8, ge=0.5, le=0.95, description="Pace of the slow track; 1 is that of the main track.")
    dictation_track: bool = Field(
        False, description="Whether a dictation track is made too: each sentence, a pause of its length, and again."
    )


class StorageSettings(Section):
    """Where the MP3 is put."""

    bucket: Name | None = Field(None, description="S3 bucket.")
    prefix: Annotated[str, AfterValidator(_check_prefix)] = Field(
        "",
        description="Put before every key.",
        json_schema_extra=described(
            "text of at most 600 bytes that does not begin with a slash and has no . or .. between slashes"
        ),
    )
    endpoint_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#@]+$",
        description="Address of a store that speaks S3; it needs access keys of the tenant's own.",
        json_schema_extra=described("an address such as https://s3.example.com, without user, path, ? and #"),
    )
    region: str | None = Field(
        None,
        pattern=r"^[a-z0-9-]{1,32}$",
        description="Region of the bucket.",
        json_schema_extra=described("a region such as eu-central-1"),
    )
    role_arn: str | None = Field(
        None,
        max_length=2048,
        pattern=r"^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[\x21-\x7e]+$",
        description="AWS role to take on; its trust policy should ask for the external id `esl:TENANT`.",
        json_schema_extra=described("a role's name such as arn:aws:iam::123456789012:role/lessons"),
    )
    access_key_secret: str | None = _secret_name("the bucket's access key")
    secret_key_secret: str | None = _secret_name("the secret access key")
    public_base_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        description="Address that the keys are read under, such as that of a content delivery network.",
        json_schema_extra=described("an address such as https://media.example.com, without user, ? and #"),
    )
    publishing: Literal["public", "presigned", "notion"] = Field(
        "public",
        description="How students get the sound: from addresses that anybody may read, from signed ones that end, or "
        "from Notion itself.",
    )
    presigned_days: int = Field(
        7, ge=1, le=7, description="Days that signed addresses live; the schedule resign_audio renews them in time."
    )


class BudgetSettings(Section):
    """What the tenant may spend on speech in a calendar month (UTC)."""

    characters_soft: int | None = Field(None, ge=0, le=10**9, description="Characters a month; more is told.")
    characters_hard: int | None = Field(None, ge=0, le=10**9, description="Characters a month; more is refused.")
    usd_soft: float | None = Field(None, ge=0, le=10**6, description="US dollars a month; more is told.")
    usd_hard: float | None = Field(None, ge=0, le=10**6, description="US dollars a month; more is refused.")
    usd_per_1000_characters: float | None = Field(
        None, ge=0, le=100, description="Price of speech; the engine's list price where none is given."
    )


class RetentionSettings(Section):
    """How long what nobody needs any more is kept at hand."""

    artifacts_days: int = Field(30, ge=1, le=3650, description="Days that unused speech and tracks are kept.")
    archive_days: int = Field(
        180,
        ge=1,
        le=3650,
        description="Days after which a published assignment leaves Dagster's lists; all else stays.",
    )


class NotifySettings(Section):
    """Who is told when an assignment can't be published; of the tenant as a whole."""

    webhook_secret: str | None = _secret_name("the address of a webhook")
    signing_secret: str | None = _secret_name("the key of the webhook's signatures, `whsec_…`")
    slack_secret: str | None = _secret_name("the address of an incoming webhook of Slack")
    email: str | None = Field(
        None,
        max_length=500,
        pattern=r"^[^\s@,<>]+@[^\s@,<>]+( *, *[^\s@,<>]+@[^\s@,<>]+)*$",
        description="Who gets an e-mail.",
        json_schema_extra=described("e-mail addresses with commas between"),
    )
    repeat_h: int = Field(24, ge=1, le=720, description="Hours after which a failure that goes on is told again.")
    template: str | None = Field(
        None,
        max_length=notice_template.LONGEST,
        pattern=notice_template.PATTERN,
        description="Words of a message about one failure.",
        json_schema_extra=described(notice_template.ALLOWED),
    )


class Settings(Section):
    """Everything that can be chosen for a run."""

    notion: NotionSettings = Field(default_factory=lambda: NotionSettings())
    speech: SpeechSettings = Field(default_factory=lambda: SpeechSettings())
    audio: AudioSettings = Field(default_factory=lambda: AudioSettings())
    storage: StorageSettings = Field(default_factory=lambda: StorageSettings())
    budget: BudgetSettings = Field(default_factory=lambda: BudgetSettings())
    retention: RetentionSettings = Field(default_factory=lambda: RetentionSettings())
    notify: NotifySettings = Field(default_factory=lambda: NotifySettings())


SettingsLayerName = Literal["default", "environment", "tenant", "student", "manifest", "assignment", "run config"]
