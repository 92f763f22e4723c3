"""The tags of a track, under FFmpeg's names for them."""

from __future__ import annotations

_CODES = (
    "en=eng ar=ara bg=bul cs=ces da=dan de=deu el=ell es=spa fi=fin fil=fil fr=fra hi=hin hr=hrv hu=hun id=ind "
    "it=ita ja=jpn ko=kor ms=msa nl=nld no=nor pl=pol pt=por ro=ron ru=rus sk=slk sv=swe ta=tam tr=tur uk=ukr "
    "vi=vie zh=zho"
)
_ISO_639_2 = dict(pair.split("=") for pair in _CODES.split())
"""ID3 wants three letters; the languages are those that ElevenLabs speaks."""


def track_tags(*, title: str, artist: str, album: str, language: str, year: int | None = None) -> dict[str, str]:
    """Returns the tags that are not blank; a language without a three-letter code here is ``und``.

    Args:
        title: of the lesson.
        artist: the student or the course.
        album: what players group by.
        language: ISO 639-1 code, with or without a region.
        year: of the recording; None leaves it out.
    """
    code = language.strip().lower().partition("-")[0]
    tags = {
        "title": " ".join(title.split()),
        "artist": " ".join(artist.split()),
        "album": " ".join(album.split()),
        "language": _ISO_639_2.get(code, "und"),
        "date": f"{year:04}" if year is not None else "",
    }
    return {name: value for name, value in tags.items() if value}
