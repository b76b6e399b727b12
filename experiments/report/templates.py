"""Templates of the reports, and what every one of them needs: escaping, embedded pictures."""

from __future__ import annotations

import base64

import jinja2
from markupsafe import Markup

_LOADER = jinja2.PackageLoader("experiments", "report")


def page(name: str) -> jinja2.Template:
    """A template of an HTML page: whatever it is given is escaped."""
    environment = jinja2.Environment(
        loader=_LOADER, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)


def markdown(name: str) -> jinja2.Template:
    """A template in Markdown, which lets HTML through: what it is given may hold none, nor links or pictures."""
    environment = jinja2.Environment(
        loader=_LOADER,
        autoescape=False,  # noqa: S701 - `finalize` escapes, and leaves quotation marks readable
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value.replace("<", "&lt;").replace("](", "]\\(") if isinstance(value, str) else value,
    )
    environment.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return environment.get_template(name)


def picture(content: bytes, alt: str) -> Markup:
    """A PNG picture inside the page."""
    return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(alt, base64.b64encode(content).decode())
