"""How the tests themselves run: one event loop for an async test and its fixtures."""

import asyncio

import pytest


@pytest.fixture
async def loop_of_the_fixture() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def test_a_fixture_and_its_test_share_a_loop(loop_of_the_fixture: asyncio.AbstractEventLoop):
    assert asyncio.get_running_loop() is loop_of_the_fixture


def test_one_plugin_alone_runs_async_tests(pytestconfig: pytest.Config):
    assert pytestconfig.pluginmanager.has_plugin("asyncio")
    assert not pytestconfig.pluginmanager.has_plugin("anyio")
