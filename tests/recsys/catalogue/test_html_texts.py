import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recsys.catalogue.html_texts import plain_text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Salt &amp; Vinegar &#8211; 100&nbsp;g <b>new</b>", "Salt & Vinegar \u2013 100 g new"),
        ("<p>One</p><ul><li>two</li></ul><br/>three", "One two three"),
        ("Ben &amp;amp; Jerry", "Ben & Jerry"),
        ("&amp;lt;p&amp;gt;One&amp;lt;/p&amp;gt; &lt;b&gt;two&lt;/b&gt;", "One two"),
        ('<p class="x">a<style>p {}</style><!-- b --></p>', "a"),
        ("weight < 5 > 3, AT&T, a <c", "weight < 5 > 3, AT&T, a <c"),
        ("<b>weight < 5 > 3, AT&T, <3 kids, a <c</b>", "weight < 5 > 3, AT&T, <3 kids, a <c"),
        ("<p>Buy 2 <hemat> <info@shop.test>, size <xl, a <b", "Buy 2 <hemat> <info@shop.test>, size <xl, a <b"),
        ('<meta charset="utf-8"><p>x</p>', "x"),
        ('<a title="x>y">z</a>', "z"),
        ('<div class="a>b"><button>Buy</button>now</div>', "Buy now"),
        ("a<script>if (a < b) alert('</p>')</script>b <style>p {}</style>", "a b"),
        ("a <script>alert(1)", "a"),
        ("a<iframe src='x'>old</iframe> <video src=x><source>no video</video>b", "a b"),
        ("<svg viewBox='0'><title>t</title><path d='M0'/></svg><svg/>x", "x"),
        ("Res<code>et</code> <del>10</del> <ins>9</ins>H<sub>2</sub>O<o:p></o:p>", "Reset 10 9H2O"),
        ("<figure><img src=x><figcaption>One</figcaption></figure>two", "One two"),
        ("<!DOCTYPE html><html><head><title>T</title></head><body><h1>One</h1></body></html>", "One"),
        ("<p>One</p><!-- two > --> three", "One three"),
        ("one<BR />two&copy;", "one two\u00a9"),
        ("Harga <![promo]> murah <![> &lt;![x&gt;", "Harga <![promo]> murah <![> <![x>"),
        ("<![CDATA[Salt & <b>Vinegar</b>]]>", "Salt & Vinegar"),
        ("<!--[if mso]><b>x</b><![endif]-->one <![if !mso]>two<![endif]>", "one two"),
        ("one <svg><b>two", "one two"),
    ],
)
def test_a_text_is_what_a_browser_would_show(written: str, plain: str) -> None:
    assert plain_text(written) == plain


@given(st.text("ab <>/!-\"'&;pscript=", max_size=60))
def test_a_text_without_the_beginning_of_a_tag_or_entity_stays_as_it_is(text: str) -> None:
    text = re.sub(r"&|<[a-z/!]", "", text)
    assume(not re.search(r"<[a-z/!]", text))
    assert plain_text(text) == text
    assert plain_text(f"<p>{text}</p>").split() == text.split()


@pytest.mark.parametrize(
    "repeated", ["<a ", "<b x='", "<!--", "</p", "<script>", "&lt;b", "<p title='>", "<![CDATA[", "<![if ", "<svg></b>"]
)
def test_a_text_of_nothing_but_open_tags_is_read_in_no_time(repeated: str) -> None:
    start = time.perf_counter()
    plain_text(repeated * 5_000 + "<p>")
    assert time.perf_counter() - start < 2
