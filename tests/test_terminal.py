"""Output as text to read, whatever a program writes for its terminal."""

import pytest

from orchat.terminal import readable


@pytest.mark.parametrize(
    "written, read",
    [
        ("plain\ntext ✓", "plain\ntext ✓"),
        ("\x1b[31mred\x1b[0m and \x1b[1;38;5;200mbold\x1b[m", "red and bold"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x1b(Bascii\x1b7", "ascii"),
        ("10%\r50%\r100%\ndone", "100%\ndone"),
        ("a long line\rover", "overng line"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("tx\bext", "text"),
        ("\b\bx", "x"),
        ("cut \x1b[3", "cut "),
        ("cut \x1b", "cut "),
        ("bell\x07 null\x00 \x9b1mC1", "bell null 1mC1"),
        ("abc\u202ecba\u2066", "abccba"),
    ],
)
def test_what_is_read_is_what_a_terminal_would_show(written: str, read: str):
    assert readable(written) == read


def test_a_flood_of_escapes_takes_time_in_proportion_to_its_length():
    flood = "\x1b]8;;x" * 20_000 + "\x1b[" * 20_000 + "x\r" * 20_000
    assert len(readable(flood)) <= 1
