"""Headers that limit what the app's pages may do in a browser: only their own scripts, in no other page's frame."""

import base64
import hashlib
import re
from pathlib import Path

import streamlit
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    XContentTypeOptions,
    XFrameOptions,
)

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def security_headers() -> Secure:
    """The headers of every response."""
    return Secure(
        csp=_policy(),
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().camera("self").microphone().geolocation().payment().usb(),
        referrer=ReferrerPolicy().same_origin(),  # the address may contain an invitation
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    )


def _policy() -> ContentSecurityPolicy:
    """What Streamlit's pages load, and nothing else.

    Streamlit mounts a component's script as a blob, which only a page's own script can create, counts long integers in
    WebAssembly, and styles its widgets inline.
    """
    return (
        ContentSecurityPolicy()
        .default_src("'self'")
        .script_src("'self'", "blob:", "'wasm-unsafe-eval'", *_inline_scripts())
        .style_src("'self'", "'unsafe-inline'")
        .img_src("'self'", "data:", "blob:")
        .font_src("'self'", "data:")
        .media_src("'self'", "blob:")
        .connect_src("'self'", "blob:", "data:")
        .worker_src("'self'", "blob:")
        .object_src("'none'")
        .base_uri("'self'")
        .form_action("'self'")
        .frame_src("'none'")
        .frame_ancestors("'none'")
    )


def _inline_scripts() -> list[str]:
    """The hashes of the inline scripts in Streamlit's own HTML."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = _INLINE.findall(page.read_text(encoding="utf-8"))
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]
