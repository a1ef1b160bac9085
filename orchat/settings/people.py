"""People: who may come in, and how that is known."""

from ipaddress import ip_network
from typing import Annotated, Self

from pydantic import AfterValidator, SecretStr, model_validator
from pydantic_settings import BaseSettings

from orchat.choices import Login, long_enough
from orchat.settings.field import CommaSeparated, setting


class People(BaseSettings):
    """Who may come in, and how that is known."""

    login: Login = setting(
        "ORCHAT_LOGIN",
        Login.NONE,
        "Who may come in: `oidc` (a login provider), `proxy` (who a trusted proxy names), or `none`: one local user.",
    )
    open_to_all: bool = setting(
        "ORCHAT_OPEN",
        default=False,
        description="Without a login, serve others than this machine all the same: everybody is the one local user.",
    )
    bind: str | None = setting(
        "ORCHAT_BIND", None, "The address that a container is reached at from outside, where its own says nothing."
    )
    allowed: CommaSeparated = setting(
        "ORCHAT_ALLOWED", (), "Who may come in, by address or `@domain`, separated by commas. Empty: all who log in."
    )
    operators: CommaSeparated = setting(
        "ORCHAT_OPERATORS", (), "Who are operators, by e-mail address or the proxy's name, separated by commas."
    )
    operator_claim: str = setting(
        "ORCHAT_OPERATOR_CLAIM", "", "A claim of the login that makes an operator, such as `groups=orchat-operators`."
    )
    oidc_metadata_url: str | None = setting(
        "ORCHAT_OIDC_METADATA_URL", None, "The login provider's address ending in `/.well-known/openid-configuration`."
    )
    oidc_client_id: str | None = setting("ORCHAT_OIDC_CLIENT_ID", None, "orchat's name at the login provider.")
    oidc_client_secret: SecretStr | None = setting(
        "ORCHAT_OIDC_CLIENT_SECRET", None, "orchat's password at the login provider."
    )
    trust_email: bool = setting(
        "ORCHAT_OIDC_TRUST_EMAIL",
        default=False,
        description="Believe e-mail addresses of which the login provider does not say that it has verified them. Only "
        "where nobody but its administrators can set them: Microsoft Entra ID says nothing.",
    )
    public_url: str | None = setting(
        "ORCHAT_PUBLIC_URL",
        None,
        "The address that people open, such as `https://chat.example.com`. Without a login, its host is the only name "
        "beside `localhost` that orchat answers to.",
    )
    secret: Annotated[SecretStr, AfterValidator(long_enough)] | None = setting(
        "ORCHAT_SECRET",
        None,
        "32 random characters or more: they encrypt people's keys and sign the login. Several by commas, newest first.",
    )
    proxy_header: str = setting(
        "ORCHAT_PROXY_HEADER", "X-Forwarded-User", "The header in which a trusted proxy says who is there."
    )
    proxy_addresses: CommaSeparated = setting(
        "ORCHAT_PROXY_ADDRESSES", (), "The addresses or networks of the trusted proxy, separated by commas."
    )

    @model_validator(mode="after")
    def _login_is_complete(self) -> Self:
        for network in self.proxy_addresses:
            ip_network(network, strict=False)
        if self.login is Login.PROXY and not self.proxy_addresses:
            raise ValueError("ORCHAT_LOGIN=proxy needs ORCHAT_PROXY_ADDRESSES, the addresses to believe")
        return self
