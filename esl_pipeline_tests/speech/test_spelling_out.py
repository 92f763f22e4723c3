from __future__ import annotations

import re
from time import perf_counter

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from esl_pipeline.lessons.model import Turn
from esl_pipeline.speech import SpeechModel
from esl_pipeline.speech.spelling import spell_out
from esl_pipeline_tests.speech.planning import STEADY, plan

NUMBERS = {
    "I have 2 cats, 13 dogs and 1 bird.": "I have two cats, thirteen dogs and one bird.",
    "1,280,000 people, 101 dogs": "one million, two hundred and eighty thousand people, one hundred and one dogs",
    "3.14, 0.5 and .5": "three point one four, zero point five and point five",
    "-5 and +5, ~10, 18+": "minus five and plus five, about ten, eighteen plus",
    "1st, 2nd, 22nd, 101st, 1,000th": "first, second, twenty-second, one hundred and first, one thousandth",
    "1/2, 2/3, 3/4, 2 1/2, 2¾, ½ cup": "one half, two thirds, three quarters, two and a half, two and three quarters, "
    "one half cup",
    "8/10 and 24/7": "eight out of ten and twenty-four seven",
    "10-15, 10–15 and 100 — 200": "ten to fifteen, ten to fifteen and one hundred to two hundred",
    "won 3-1, ratio 16:9": "won three to one, ratio sixteen to nine",
    "5 + 3 = 8, 5 x 3 = 15, 9 - 2 = 7": "five plus three equals eight, five times three equals fifteen, "
    "nine minus two equals seven",
    "No. 5, #1, pp. 5-7, Fig. 3, approx. 5": "number five, number one, pages five to seven, figure three, "
    "approximately five",
    "B2, MP3, 3D, H2O, COVID-19, a 10-year-old": "B two, MP three, three D, H two O, COVID-nineteen, a ten-year-old",
    "007, 1234567, 1000000": "zero zero seven, one two three four five six seven, one million",
    "1 000 000, 2², 2 x tea, 50/50": "one million, two squared, two times tea, fifty-fifty",
    "call 07700 900123 or 1-800-555-0199": "call zero seven seven zero zero, nine zero zero one two three or one, "
    "eight zero zero, five five five, zero one nine nine",
    "version 1.2.3": "version one point two point three",
    "Question 5) and (3)": "Question five) and (three)",
    "१२ or ١٢": "twelve or twelve",
    "(555) 123-4567": "five five five, one two three, four five six seven",
    "Ring 555-0199 or +44 20 7946 0958.": "Ring five five five, zero one nine nine or plus four four, two zero, "
    "seven nine four six, zero nine five eight.",
}
TIMES = {
    "It was 10:30 and rain fell.": "It was ten thirty and rain fell.",
    "at 9 a.m., 9am, 5 PM": "at nine a.m., nine a.m., five p.m.",
    "7.30 pm, at 7.30, 7:05": "seven thirty p.m., at seven thirty, seven oh five",
    "9:00, 9:00 o'clock, 9:00 a.m.": "nine o'clock, nine o'clock, nine a.m.",
    "17:45, 14:00, 00:00, 0:15": "seventeen forty-five, fourteen hundred, midnight, zero fifteen",
    "9-11 a.m. or 9:00–17:30": "nine to eleven a.m. or nine o'clock to seventeen thirty",
    "At 9 a.m. Tom left at 10pm.": "At nine a.m. Tom left at ten p.m.",
    "Mon-Fri. Then": "Monday to Friday. Then",
    "I am 9.": "I am nine.",
}
DATES = {
    "5 May 2024, the 5th of May": "the fifth of May twenty twenty-four, the fifth of May",
    "May 5, 2024; Jan. 5; 1 Sept.": "May fifth, twenty twenty-four; January fifth; the first of September",
    "on 5-7 May and May 5-7": "on the fifth to the seventh of May and May fifth to seventh",
    "2024-05-03 and 25/12/2024, 12/25/2024": "the third of May twenty twenty-four and the twenty-fifth of December "
    "twenty twenty-four, the twenty-fifth of December twenty twenty-four",
    "03/05/2024": "three slash five slash twenty twenty-four",
    "in 1999, since 2005, by 1905": "in nineteen ninety-nine, since two thousand five, by nineteen oh five",
    "1914-1918, 1914–18, 2023/24": "nineteen fourteen to nineteen eighteen, nineteen fourteen to eighteen, "
    "twenty twenty-three twenty-four",
    "the 1990s, the '90s, 80s": "the nineteen nineties, the nineties, eighties",
    "2023 was good": "twenty twenty-three was good",
    "1500 people, 2,024 days, 1950 cats": "one thousand five hundred people, two thousand and twenty-four days, "
    "one thousand nine hundred and fifty cats",
    "May 2024": "May twenty twenty-four",
}
PRICES = {
    "$12.50, £3, €1,200": "twelve dollars and fifty cents, three pounds, one thousand two hundred euros",
    "$1, $1.01, $0.99, £1.50": "one dollar, one dollar and one cent, ninety-nine cents, one pound and fifty pence",
    "50p and 99¢": "fifty pence and ninety-nine cents",
    "$5 million, $2.5m, £3bn, $10k": "five million dollars, two point five million dollars, three billion pounds, "
    "ten thousand dollars",
    "$10-15, £5–£7, -$5": "ten to fifteen dollars, five to seven pounds, minus five dollars",
    "12€, 12 EUR, US$5, ¥500, CHF 12.50": "twelve euros, twelve euros, five US dollars, five hundred yen, "
    "twelve point five zero Swiss francs",
    "It is $5/hour.": "It is five dollars per hour.",
    "$12.00": "twelve dollars",
    "a £5 note, an $8 million house": "a five-pound note, an eight-million dollar house",
}
UNITS = {
    "5 km, 1 km, 20 °C, 3kg, 60 mph": "five kilometers, one kilometer, twenty degrees Celsius, three kilograms, "
    "sixty miles per hour",
    "25%, 10-15%, 2.5 %": "twenty-five percent, ten to fifteen percent, two point five percent",
    "-5°C, 10–15 km": "minus five degrees Celsius, ten to fifteen kilometers",
    "a 5 km run, a 10 min. walk, the 5-km run": "a five-kilometer run, a ten-minute walk, the five-kilometer run",
    "It took 30 min. of work. It was 5 kg. Then": "It took thirty minutes of work. It was five kilograms. Then",
    "100 m², 20 x 30 cm, 6'2\"": "one hundred square meters, twenty by thirty centimeters, six foot two",
    "5 minutes, 5 Gs": "five minutes, five Gs",
    "24 hrs. 7 days/week": "twenty-four hours. seven days per week",
}
SHORT = {
    "Mr. Smith, Mrs Brown, Dr. Who and Dr Lee": "Mister Smith, Missus Brown, Doctor Who and Doctor Lee",
    "fruit, e.g. apples, i.e. these, etc.": "fruit, for example apples, that is these, et cetera.",
    "Tea, etc. Then cats vs. dogs vs them": "Tea, et cetera. Then cats versus dogs versus them",
    "St. Mary, Baker St. is, 221 Baker St. near": "Saint Mary, Baker Street is, two hundred and twenty-one Baker "
    "Street near",
    "R&B, Q & A, w/o sugar": "R and B, Q and A, without sugar",
    "Sam Smith Jr. is": "Sam Smith Junior is",
    "Tom vs. Ann, e.g. Tom": "Tom versus Ann, for example Tom",
    "He sat. No. Max. Gen Z. A vs": "He sat. No. Max. Gen Z. A versus",
    "Max. max. 3, Gen. Lee, Approx. 5": "Max. maximum three, General Lee, Approximately five",
    "42 W 5th Street": "forty-two W fifth Street",
    "https://x.org/a1?b=2 and kim2@example.org": "https://x.org/a1?b=2 and kim2@example.org",
}
ENGLISH = NUMBERS | TIMES | DATES | PRICES | UNITS | SHORT
OTHERS = {
    "de": ("Um 14:30: 5 km, 12,50 €, 1.280.000, 3,5 kg, 1 €", "Um vierzehn dreißig: fünf Kilometer, zwölf Euro "
           "fünfzig, eine Million zweihundertachtzigtausend, drei Komma fünf Kilogramm, ein Euro"),
    "fr": ("À 14h30, 1 200 voix, 21 km, 25 %, $5", "À quatorze trente, mille deux cents voix, vingt-et-un kilomètres, "
           "vingt-cinq pour cent, cinq dollars des États-Unis"),
    "es": ("21 km, 1 €, 25 %", "veintiún kilómetros, un euro, veinticinco por ciento"),
    "ru": ("1 km, 2 km, 5 km, 1 280", "один километр, два километра, пять километров, одна тысяча двести восемьдесят"),
    "pl": ("2,5 kg, 22 km", "dwa przecinek pięć kilograma, dwadzieścia dwa kilometry"),
    "ja": ("3人", "三人"),
    "nb": ("2,5", "to komma fem"),
}  # fmt: skip


@pytest.mark.parametrize("written", ENGLISH)
def test_english_is_said_as_a_person_says_it(written: str) -> None:
    assert spell_out(written, "en") == ENGLISH[written]


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_count_as_their_rules_say(language: str) -> None:
    written, said = OTHERS[language]
    assert spell_out(written, language) == said


@pytest.mark.parametrize("language", ["xx", "zz", "tlh", "", "la"])
def test_a_language_without_rules_is_left_alone(language: str) -> None:
    assert spell_out("5 km for $3, Mr. Smith", language) == "5 km for $3, Mr. Smith"


def test_english_habits_are_no_habits_elsewhere() -> None:
    assert spell_out("Mr. X & Co., etc.", "de") == "Mr. X & Co., etc."


PARTS = st.sampled_from(
    [
        *(
            "1",
            "2",
            "0",
            "15",
            "30",
            "007",
            "1999",
            "2024",
            "1,000",
            "3.14",
            "12:30",
            "9:00",
            "1/2",
            "½",
            "1st",
            "5'2\"",
        ),
        *(" ", " ", " ", "-", "–", ".", ",", ":", "/", "+", "=", "x", "%", "$", "£", "€", "#", "~", "(", ")", "'", "&"),
        *(
            "km",
            "kg",
            "°C",
            "m",
            "p",
            "h",
            "am",
            "a.m.",
            "Mr",
            "Dr.",
            "St.",
            "etc.",
            "No.",
            "May",
            "Jan.",
            "Mon",
            "EUR",
        ),
        *("in", "at", "the", "a", "people", "million", "s", "th", "Anna", "Б", "三", "é", "\u0301", "²", "\u00a0", "٣"),
    ]
)
LANGUAGES = st.sampled_from(["en", "de", "fr", "ru", "ja", "ar", "hi"])
ORDINARY = settings(deadline=2_000, max_examples=300)


@ORDINARY
@given(st.lists(PARTS, max_size=14).map("".join), LANGUAGES)
def test_no_figure_is_left_and_a_second_time_changes_nothing(text: str, language: str) -> None:
    said = spell_out(text, language)
    assert not regex.search(r"\d", said)
    assert spell_out(said, language) == said


@ORDINARY
@given(st.text(max_size=80), LANGUAGES)
def test_any_text_can_be_said(text: str, language: str) -> None:
    spell_out(text, language)


WORDS = st.sampled_from(["apple", "Banana", "cherry", "10:30", "$5", "5 km", "25%", "1999", "1/2", "3rd", "10-15", "7"])


@ORDINARY
@given(st.lists(WORDS, min_size=1, max_size=12), LANGUAGES)
def test_no_word_is_lost_or_moved(words: list[str], language: str) -> None:
    fruit = "apple|Banana|cherry"
    said = spell_out(", ".join(words), language)
    assert re.findall(fruit, said) == re.findall(fruit, " ".join(words))


@pytest.mark.parametrize("part", ["1", "1 ", "1-", "x1", "a", "a-", "a@", "www.", "$1", "May 1 ", "+1 "])
def test_a_long_text_takes_no_endless_work(part: str) -> None:
    begun = perf_counter()
    assert spell_out(part * (20_000 // len(part)), "en")
    assert perf_counter() - begun < 8


def test_it_is_done_for_models_that_do_not_do_it_themselves() -> None:
    helpless = SpeechModel("helpless", spells_out=False)
    turns = [Turn("Kim", ("At 10:30 I pay $5.",))]
    ((helped,), (left,)) = (plan(turns, helpless)[0].inputs, plan(turns, STEADY)[0].inputs)
    assert (helped.text, helped.written) == ("At ten thirty I pay five dollars.", "At 10:30 I pay $5.")
    assert left.text == left.written == helped.written
    ((german,),) = (plan(turns, helpless, language_code="de")[0].inputs,)
    assert german.text.startswith("At zehn dreißig")


def test_pieces_fit_after_spelling_out() -> None:
    tight = SpeechModel("tight", 300, good_characters=300, spells_out=False)
    requests = plan([Turn("Kim", ("It is 1,777,777 or 2,888,888 today. " * 30,))], tight)
    assert max(request.characters for request in requests) <= 300
    assert (
        " ".join(request.inputs[0].written for request in requests)
        == ("It is 1,777,777 or 2,888,888 today. " * 30).strip()
    )
