"""Makes the track and the files beside it, and stores each under the hash of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from esl_pipeline.audio import Track, loudness_by_speaker_lufs, make_dictation, make_track, slowed, track_tags
from esl_pipeline.speech.captions import Cue, webvtt
from esl_pipeline.speech.lyrics import lrc
from esl_pipeline.speech.reading_along import by_sentence
from esl_pipeline.speech.transcript import transcript
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.track_files import LRC, MARKDOWN, MP3, VTT
from esl_pipeline.stages.track_segments import StoredSegments
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.publication import AudioFile, AudioPublication, CuePublication, FileKind


@dataclass(frozen=True)
class Labelled:
    """What a track's tags say.

    Attributes:
        artist: the student or the course.
        year: of the first making.
        cover: a JPEG or PNG file.
    """

    title: str
    artist: str
    album: str
    language: str
    year: int
    cover: bytes | None = field(default=None, repr=False)

    def tags(self, kind: str = "") -> dict[str, str]:
        """Returns the tags of the main track, or of one of another kind."""
        title = f"{self.title} ({kind})" if kind else self.title
        return track_tags(title=title, artist=self.artist, album=self.album, language=self.language, year=self.year)


@dataclass(frozen=True)
class TrackMaking:
    """One making of all files; ``slow`` has segments where the engine spoke slowly itself."""

    context: JobContext
    artifacts: ArtifactStore
    labelled: Labelled
    speech: StoredSegments
    slow: StoredSegments

    def make(self, input_sha256: str) -> AudioPublication:
        """Makes and stores all of them; returns what is to be recorded."""
        settings = self.context.settings.audio
        with make_track(self.speech.sounds(), settings, tags=self.labelled.tags(), cover=self.labelled.cover) as track:
            self._put_track(track)
            by_speaker = loudness_by_speaker_lufs(track.mp3, track.placed)
        cues = self.speech.cues(track.placed, words=self._words)
        audio = AudioPublication(
            input_sha256=input_sha256,
            sha256=track.sha256,
            captions_sha256=self._put_text(VTT, webvtt(by_sentence(cues))),
            samples=track.samples,
            sample_rate_hz=track.sample_rate_hz,
            duration_s=round(track.samples / track.sample_rate_hz, 3),
            loudness_lufs=track.loudness_lufs,
            true_peak_dbtp=track.true_peak_dbtp,
            loudness_by_speaker_lufs={speaker: round(lufs, 2) for speaker, lufs in by_speaker.items()},
            cues=[CuePublication(speaker=c.speaker, text=c.text, start_s=c.start_s, end_s=c.end_s) for c in cues],
            files=self._read_along(cues, track.samples / track.sample_rate_hz),
            year=self.labelled.year,
        )
        if settings.slow_track:
            audio.files += self._slow()
        if settings.dictation_track:
            audio.files += self._dictation()
        return audio

    @property
    def _words(self) -> bool:
        return self.context.settings.speech.word_captions

    def _read_along(self, cues: Sequence[Cue], length_s: float) -> list[AudioFile]:
        said = self.labelled
        lyrics = lrc(by_sentence(cues), title=said.title, artist=said.artist, album=said.album, length_s=length_s)
        return [
            self._file("lyrics", LRC, self._put_text(LRC, lyrics)),
            self._file("transcript", MARKDOWN, self._put_text(MARKDOWN, transcript(cues, title=said.title))),
        ]

    def _slow(self) -> list[AudioFile]:
        self.context.stop_if_cancelled()
        settings, tags = self.context.settings.audio, self.labelled.tags("slow")
        if self.slow.segments:
            speech, pace, sounds = self.slow, 1.0, self.slow.sounds()
        else:
            speech, pace = self.speech, settings.slow_speed
            sounds = [slowed(sound, pace) for sound in speech.sounds()]
        with make_track(sounds, settings, tags=tags, cover=self.labelled.cover) as track:
            self._put_track(track)
        cues = speech.cues(track.placed, words=self._words, pace=pace)
        return self._with_captions("slow", "slow_captions", track, cues)

    def _dictation(self) -> list[AudioFile]:
        self.context.stop_if_cancelled()
        settings, tags = self.context.settings.audio, self.labelled.tags("dictation")
        with make_dictation(self.speech.dictated(), settings, tags=tags, cover=self.labelled.cover) as track:
            self._put_track(track)
        return self._with_captions("dictation", "dictation_captions", track, track.cues)

    def _with_captions(
        self, kind: FileKind, captions_kind: FileKind, track: Track, cues: Sequence[Cue]
    ) -> list[AudioFile]:
        captions = self._put_text(VTT, webvtt(by_sentence(cues)))
        return [self._file(kind, MP3, track.sha256), self._file(captions_kind, VTT, captions)]

    def _file(self, kind: FileKind, suffix: str, sha256: str) -> AudioFile:
        return AudioFile(kind=kind, sha256=sha256, suffix=suffix)

    def _put_track(self, track: Track) -> None:
        self.artifacts.put_file(self.context.tenant, track.sha256, MP3, track.mp3)

    def _put_text(self, suffix: str, text: str) -> str:
        content = text.encode()
        sha256 = hashlib.sha256(content).hexdigest()
        self.artifacts.put(self.context.tenant, sha256, suffix, content)
        return sha256
