"""Why a variable of the predecessor's ``.env`` is not taken over."""

from __future__ import annotations

CREDENTIALS = ("NOTION_TOKEN", "ELEVENLABS_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
CREDENTIAL = "Credentials are copied nowhere. Give it in the environment or the .env file of this installation."
REASONS = {
    **dict.fromkeys(CREDENTIALS, CREDENTIAL),
    "AWS_REGION": "It is read from the environment here too. Give it there.",
    "AWS_PROFILE": "It is read from the environment here too. Give it there.",
    "ELEVENLABS_OUTPUT_FORMAT": "Speech is bought without loss, and the track is an MP3 of audio.bitrate_kbps.",
    "ELEVENLABS_VOICES_PATH": "The account's voices are read from ElevenLabs.",
    "FFMPEG_PATH": "No program of FFmpeg's is needed.",
    "NOTION_DB_OPTIONS": "It was for a menu alone.",
    "NOTION_DB_NAME": "It was for a menu alone.",
    "NOTION_DB_LABEL": "It was for a menu alone.",
    "PIPELINE_CWD": "Files are named on the command line.",
}
PREFIXES = {
    "NOTION_COLORIZER_": "Colours are written with the blocks, not in a second pass.",
    "NOTION_CLIENT_": "The predecessor never used it.",
    "ESL_PIPELINE_MANIFEST_STORE": "Publications are kept where ESL_STATE says; bring the manifests as files.",
    "ESL_PIPELINE_CONFIG_": "Settings come from the place that ESL_TENANTS names.",
    "ESL_PIPELINE_CACHE_": "What is read is kept for a while anyway.",
    "ESL_PIPELINE_FFMPEG_": "No program of FFmpeg's is needed.",
    "MINIO_": "The predecessor never used it.",
}


def why_variable_is_left(name: str, value: str) -> str:
    """Returns the reason, empty where the variable was taken over.

    Args:
        name: one that gives no setting under its own name.
        value: what it holds; it is never told.
    """
    if name == "ELEVENLABS_TTS_MODE":
        taken = value.lower() == "dialogue"
        return "" if taken else "A lesson is spoken turn by turn unless speech.mode says otherwise."
    prefixed = next((reason for prefix, reason in PREFIXES.items() if name.startswith(prefix)), "")
    return REASONS.get(name) or prefixed or "It is no variable of the predecessor's."
