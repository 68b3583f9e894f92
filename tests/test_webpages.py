import pytest

from rag.errors import ArticleError
from rag.records import Content
from rag.webpages import read_page

BODY = """<h1>云雾茶厂</h1><p>云雾茶厂建于1958年，位于<a href="/l">庐山</a>。</p><h2>产量</h2>
<ul><li>一年三百二十吨</li><li>销往上海</li></ul>
<table><tr><th>年</th><th>吨</th></tr><tr><td>2024</td><td>320</td></tr></table><p>短。</p>
<pre><code>a = 1\nb = 2</code></pre><img src="data:image/png;base64,AAAA">"""
MARKDOWN = """# 云雾茶厂

云雾茶厂建于1958年，位于庐山。

## 产量

- 一年三百二十吨
- 销往上海

| 年 | 吨 |
|---|---|
| 2024 | 320 |

短。

```
a = 1
b = 2
```"""


def page(body: str, head: str = "") -> str:
    return f"<html><head><title>云雾茶厂 - 网站</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize("element", ["article", "main", 'div id="content"', "div", "section"])
def test_headings_lists_and_tables_stay_and_menus_go(element: str) -> None:
    body = f"<nav>首页 关于</nav><{element}>{BODY}</{element.split()[0]}><footer>版权所有</footer>"
    read = read_page(page(body, '<meta name="date" content="2024-03-01">'), "a")
    assert read == Content(text=MARKDOWN, title="云雾茶厂", markdown=True, date="2024-03-01")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>一年产茶三百二十吨。", "一年产茶三百二十吨。", id="unclosed"),
        pytest.param("<p>茶。</p><script>var 水 = 1</script><style>p {}</style>", "茶。", id="scripts and styles"),
        pytest.param("<p onload='x()'>茶。</p><!-- 水 -->", "茶。", id="comments"),
        pytest.param('<?xml version="1.0" encoding="utf-8"?><html><body><p>茶。</p></body></html>', "茶。", id="XHTML"),
        pytest.param(f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>茶。</p>", "茶。", id="attributes"),
        pytest.param(f"<p>茶。</p><img src='data:image/png;base64,{'A' * 1_000_000}'>", "茶。", id="embedded image"),
    ],
)
def test_odd_pages(html: str, text: str) -> None:
    assert read_page(html, "a").text == text


@pytest.mark.parametrize(
    "html", ["", " ", "<!-- -->", "<script>document.write('茶')</script>", page(""), "<p>……</p>"], ids=range(6)
)
def test_pages_without_text(html: str) -> None:
    with pytest.raises(ArticleError, match="^a: no text is found on the page"):
        read_page(html, "a")
