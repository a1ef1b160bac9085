"""Which model answers, and under which privacy: picker, auto-router, zero data retention, models page."""

from collections.abc import Callable

from orchat.wire import AUTO_MODEL
from tests.ui.chat_app import ChatApp, words

Start = Callable[..., ChatApp]
WITHOUT_ZDR = "openai/o3-pro"


def test_the_auto_router_is_on_at_first_and_the_picker_says_auto(app: ChatApp):
    assert app.page.toggle(key="auto").value is True
    picker = app.page.selectbox[0]
    assert picker.value == "auto"
    assert picker.disabled


def test_with_the_auto_router_the_request_asks_for_it(app: ChatApp):
    answer = app.send("Write a Python function that adds")
    assert app.asked()[0]["model"] == AUTO_MODEL
    assert answer.model_asked == AUTO_MODEL
    assert answer.auto


def test_the_model_that_the_auto_router_chose_is_named_under_the_answer_and_beside_the_credits(app: ChatApp):
    answer = app.send("Write a Python function that adds")
    assert str(answer.model_answered).startswith("qwen/qwen3-coder")
    assert "Qwen3 Coder" in app.quiet_line
    assert "via auto-router" in app.quiet_line
    assert "**Qwen3 Coder**" in app.sidebar


def test_a_chosen_model_answers(app: ChatApp):
    app.choose_model("mistralai/mistral-large-2512")
    answer = app.send("Hello")
    assert app.asked()[0]["model"] == "mistralai/mistral-large-2512"
    assert not answer.auto
    assert "Mistral Large" in app.quiet_line


def test_the_picker_offers_every_model_with_maker_context_and_prices(app: ChatApp):
    app.switch("auto", False)
    labels = app.page.selectbox(key="model").options
    assert len(labels) == len(app.services.connection().catalogue.current())
    [opus] = [label for label in labels if "Claude Opus 4.6" in label]
    assert all(part in opus for part in ("Anthropic", "1M", "$5", "$25"))


def test_an_operator_can_set_the_model_that_chats_begin_with(start: Start):
    app = start(ORCHAT_DEFAULT_MODEL="anthropic/claude-haiku-4.5")
    assert app.page.toggle(key="auto").value is False
    assert app.page.selectbox(key="model").value == "anthropic/claude-haiku-4.5"


def test_zdr_is_asked_for_in_the_body_and_the_header_of_every_request(app: ChatApp):
    app.switch("zdr", True)
    answer = app.send("Hello")
    assert answer.zdr
    requests = [request for request in app.demo.requests if request.path.endswith("/chat/completions")]
    assert len(requests) == 2  # the answer, and its title
    for request in requests:
        assert request.body["provider"]["zdr"] is True
        assert request.headers["x-openrouter-zdr"] == "true"
    assert "ZDR" in app.quiet_line


def test_without_zdr_nothing_is_said_about_it(app: ChatApp):
    app.send("Hello")
    assert all("zdr" not in (body.get("provider") or {}) for body in app.inferences())
    assert "ZDR" not in app.quiet_line


def test_with_zdr_the_picker_leaves_out_models_without_it_and_says_how_many(app: ChatApp):
    app.switch("auto", False)
    everything = len(app.page.selectbox(key="model").options)
    app.switch("zdr", True)
    offered = app.page.selectbox(key="model").options
    assert 0 < len(offered) < everything
    assert not any("o3 Pro" in label for label in offered)
    assert f"{everything - len(offered)} models without zero data retention" in app.sidebar


def test_zdr_explains_itself_with_a_link_to_the_privacy_settings(app: ChatApp):
    app.switch("zdr", True)
    assert "https://openrouter.ai/settings/privacy" in app.sidebar


def test_a_chosen_model_without_zdr_is_replaced_and_the_page_says_by_which(app: ChatApp):
    app.choose_model(WITHOUT_ZDR)
    app.switch("zdr", True)
    substitute = app.page.selectbox(key="model").value
    assert substitute != WITHOUT_ZDR
    assert "o3 Pro has no provider with zero data retention" in app.sidebar
    assert "is chosen instead" in app.sidebar
    assert app.send("Hello").state == "done"
    assert app.asked()[0]["model"] == substitute


def test_the_chosen_model_comes_back_when_zdr_goes_off(app: ChatApp):
    app.choose_model(WITHOUT_ZDR)
    app.switch("zdr", True)
    app.run()
    assert "is chosen instead" in app.sidebar
    app.switch("zdr", False)
    assert app.page.selectbox(key="model").value == WITHOUT_ZDR
    assert "is chosen instead" not in app.sidebar


def test_a_model_chosen_in_place_of_the_substitute_stays(app: ChatApp):
    app.choose_model(WITHOUT_ZDR)
    app.switch("zdr", True)
    app.page.selectbox(key="model").set_value("anthropic/claude-haiku-4.5")
    app.run()
    assert "is chosen instead" not in app.sidebar
    app.switch("zdr", False)
    assert app.page.selectbox(key="model").value == "anthropic/claude-haiku-4.5"


def test_the_auto_router_is_held_to_what_the_operator_allows_and_the_person_chose(start: Start):
    app = start(
        ORCHAT_AUTO_ALLOWED_MODELS="anthropic/*, mistralai/*",
        ORCHAT_AUTO_EXCLUDED_MODELS="*:free",
        ORCHAT_AUTO_COST_TIER="low",
    )
    assert app.page.selectbox(key="cost_tier").value == "low"
    app.page.selectbox(key="cost_tier").set_value("max")
    answer = app.send("Hello")
    assert (answer.model_answered or "").startswith(("anthropic/", "mistralai/"))
    limits = {"allowed_models": ["anthropic/*", "mistralai/*"], "excluded_models": ["*:free"]}
    first, title = app.inferences()
    assert first["plugins"] == [{"id": "auto-router", **limits, "cost_tier": "max"}]
    assert title["plugins"] == [{"id": "auto-router", **limits}]


def test_a_chat_keeps_its_price_range(app: ChatApp):
    app.page.selectbox(key="cost_tier").set_value("high")
    app.send("Hello")
    app.open(chat=app.chat)
    assert app.page.selectbox(key="cost_tier").value == "high"


def test_a_price_range_is_no_matter_where_a_model_is_chosen(app: ChatApp):
    app.choose_model("mistralai/mistral-nemo")
    assert "cost_tier" not in {box.key for box in app.page.selectbox}
    app.send("Hello")
    assert "plugins" not in app.asked()[0]


def test_an_operator_can_begin_every_chat_with_zdr(start: Start):
    app = start(ORCHAT_DEFAULT_ZDR="true")
    app.send("Hello")
    assert app.asked()[0]["provider"]["zdr"] is True


def test_a_chat_is_reopened_with_the_choices_it_was_last_used_with(app: ChatApp):
    app.choose_model("mistralai/mistral-nemo")
    app.send("Hello")
    chat = app.chat
    app.press("new-chat")
    app.switch("auto", True)
    app.press(f"open-{chat}")
    assert app.page.toggle(key="auto").value is False
    assert app.page.selectbox(key="model").value == "mistralai/mistral-nemo"


def test_the_models_page_lists_all_models_with_context_and_prices(app: ChatApp):
    app.open(page="pages/models.py")
    table = app.page.dataframe[0].value
    assert len(table) == len(app.services.connection().catalogue.current())
    opus = table[table["Id"] == "anthropic/claude-opus-4.6"].iloc[0]
    assert (opus["Maker"], opus["Context"], opus["In"], opus["Out"]) == ("Anthropic", 1_000_000, 5.0, 25.0)


def test_the_models_page_finds_by_maker_and_by_zdr(app: ChatApp):
    app.open(page="pages/models.py")
    app.page.text_input(key="models-search").set_value("mistral")
    app.run()
    found = app.page.dataframe[0].value
    assert 0 < len(found) < 40
    assert set(found["Maker"]) >= {"Mistral"}
    app.page.pills(key="models-must").set_value(["🛡️ ZDR", "Tools"])
    app.run()
    assert set(app.page.dataframe[0].value["ZDR"]) == {True}
    assert set(app.page.dataframe[0].value["Tools"]) == {True}


def test_the_models_page_says_how_many_of_how_many_are_shown(app: ChatApp):
    app.open(page="pages/models.py")
    app.page.text_input(key="models-search").set_value("no such model")
    app.run()
    assert "0 of" in words(app.page.main)


def filtered(app: ChatApp, **values: object) -> list[str]:
    for key, value in values.items():
        kind = {"makers": "multiselect", "reads": "pills", "most": "selectbox", "context": "selectbox"}[key]
        getattr(app.page, kind)(key=f"models-{key}").set_value(value)
    app.run()
    return list(app.page.dataframe[0].value["Id"])


def test_the_models_page_filters_by_maker_modality_price_and_context(app: ChatApp):
    app.open(page="pages/models.py")
    catalogue = app.services.connection().catalogue.current()
    found = filtered(app, makers=["Anthropic", "Google"], reads=["image"], most="up to $10", context="200k and more")
    assert found
    for model in map(catalogue.find, found):
        assert model is not None
        assert model.maker in {"Anthropic", "Google"}
        assert "image" in model.input_modalities
        assert model.completion_price is not None
        assert model.completion_price * 1_000_000 <= 10
        assert (model.context_length or 0) >= 200_000
    assert "4 more filters set" in words(app.page.main)


def select(app: ChatApp, model: str) -> None:
    """What a click on a row does: AppTest cannot click into a table."""
    app.session.model_shown = model
    app.run()


def test_a_selected_model_shows_who_serves_it_and_how_well(app: ChatApp):
    app.open(page="pages/models.py")
    select(app, "anthropic/claude-opus-4.6")
    endpoints = app.page.dataframe[-1].value
    assert {"Anthropic", "Amazon Bedrock"} <= set(endpoints["Provider"])
    by_provider = endpoints.set_index("Provider")
    assert by_provider.loc["Amazon Bedrock", "ZDR"]
    assert not by_provider.loc["Anthropic", "ZDR"]
    assert (by_provider["Up"] > 90).all()
    assert (by_provider["First token"] > 0).all()
    assert (by_provider["Speed"] > 0).all()


def test_one_can_chat_with_a_selected_model(app: ChatApp):
    app.open(page="pages/models.py")
    select(app, "mistralai/mistral-nemo")
    app.press("use-model")
    # AppTest goes to pages that are files only; a browser test looks at the way to the chat.
    assert app.page.session_state["model"] == "mistralai/mistral-nemo"
    assert app.page.session_state["auto"] is False
    assert app.session.model_shown is None


def test_favourites_are_a_persons_own_and_come_first(app: ChatApp):
    app.open(page="pages/models.py")
    select(app, "mistralai/mistral-nemo")
    app.press("favourite")
    app.open(page="pages/models.py")
    assert app.page.dataframe[0].value["Model"][0].startswith("★ Mistral Nemo")
    assert app.store.preference("local", "favourite_models") == ["mistralai/mistral-nemo"]
    assert app.store.preference("somebody", "favourite_models") is None
    app.open()
    app.switch("auto", False)
    assert app.page.selectbox(key="model").options[0].startswith("★ ")
    assert "Mistral Nemo" in app.page.selectbox(key="model").options[0]
    app.open(page="pages/models.py")
    app.page.pills(key="models-must").set_value(["★ Favourites"])
    app.run()
    assert list(app.page.dataframe[0].value["Id"]) == ["mistralai/mistral-nemo"]
    select(app, "mistralai/mistral-nemo")
    app.press("favourite")
    assert app.store.preference("local", "favourite_models") is None


def test_a_favourite_has_one_star_for_whoever_marked_it_and_none_for_others(app: ChatApp):
    def labels() -> list[str]:
        app.open()
        app.switch("auto", False)
        return [label for label in app.page.selectbox(key="model").options if "Mistral Nemo" in label]

    [plain] = labels()
    app.store.save_preference("local", "favourite_models", ["mistralai/mistral-nemo"])
    assert labels() == labels() == [f"★ {plain}"]
    app.store.save_preference("local", "favourite_models", None)
    assert labels() == [plain]


def test_what_the_operator_forbids_is_on_offer_nowhere_and_the_page_says_by_whom(start: Start):
    app = start(ORCHAT_FORBIDDEN_MODELS="openai/*, openrouter/auto", ORCHAT_FORBIDDEN_PROVIDERS="anthropic")
    auto = app.page.toggle(key="auto")
    assert (auto.value, auto.disabled) == (False, True)
    assert "forbidden by whoever runs this orchat" in app.sidebar
    assert not [label for label in app.page.selectbox(key="model").options if "OpenAI" in label]
    compared = app.page.multiselect(key="compared").options
    assert compared
    assert not [label for label in compared if "OpenAI" in label or "Auto-router" in label]
    app.open(page="pages/models.py")
    assert not [name for name in app.page.dataframe[0].value["Id"] if name.startswith("openai/")]
    assert "whoever runs this orchat forbids" in words(app.page.main)
    select(app, "anthropic/claude-opus-4.6")
    assert "Anthropic (forbidden here)" in set(app.page.dataframe[-1].value["Provider"])


def test_the_plot_has_a_point_for_each_model_with_a_price(app: ChatApp):
    app.open(page="pages/models.py")
    app.page.segmented_control(key="models-view").set_value("Plot")
    app.run()
    assert len(app.page.dataframe) == 0
    assert "are in the table only" in words(app.page.main)
