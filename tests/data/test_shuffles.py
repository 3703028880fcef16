"""Random order: its numbers, and what becomes of errors."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from evergraph.data.dataset import Dataset, Failed, Run
from evergraph.data.shuffles import RandomNumbers, Shuffled, words
from evergraph.data.sources import Range
from evergraph.errors import UnknownError


class Context:
    def check(self):
        pass


@pytest.fixture
def run():
    run = Run(None)
    run.context = Context()
    return run


def numbers(dataset, run):
    return [int(e[0]) for e in dataset.elements(run)]


def test_words_are_those_of_philox():
    # The first group of the all-zero key and counter, of Random123's known answers.
    assert list(islice(words(0, 0), 4)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]


def test_words_do_not_depend_on_how_many_are_made_at_a_time():
    assert list(islice(words(3, 5), 5000))[4:8] == list(islice(words(3, 5), 8))[4:]


@pytest.mark.parametrize("size", [1, 2, 7, 600, 2000, -2])
def test_all_elements_come_once(run, size):
    found = numbers(Shuffled(Range(0, 1000, 1, "int64"), size, (1, 2), True), run)
    assert Counter(found) == Counter(range(1000))


def test_an_element_waits_for_no_more_than_the_buffer(run):
    found = numbers(Shuffled(Range(0, 1000, 1, "int64"), 10, (1, 2), True), run)
    assert all(place > number - 10 for place, number in enumerate(found))


def test_an_error_takes_no_element_away(run):
    class Failing(Dataset):
        def elements(self, run):
            for i in range(6):
                yield Failed(UnknownError(None, None, "lost")) if i == 3 else (i,)

    found = list(Shuffled(Failing(), 2, (1, 2), True).elements(run))
    errors = [e for e in found if isinstance(e, Failed)]
    assert len(errors) == 1
    assert sorted(e[0] for e in found if not isinstance(e, Failed)) == [0, 1, 2, 4, 5]


def test_without_seeds_the_order_is_another_one_each_time(run):
    orders = {
        tuple(numbers(Shuffled(Range(0, 20, 1, "int64"), 20, (0, 0), True), run)) for _ in range(3)
    }
    assert len(orders) == 3


def test_random_numbers_begin_anew(run):
    dataset = RandomNumbers((1, 2))
    first, second = (list(islice(dataset.elements(run), 3)) for _ in range(2))
    assert first == second
    assert all(0 <= n < 2**32 for (n,) in first)
