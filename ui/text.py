"""Every string of the interface, in Chinese and in English."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

TEXT: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "name": ("溯问", "Suwen"),
        "promise": ("每一句回答，都能点回原文的那一句。", "Every sentence leads back to its source."),
        "other_language": ("English", "中文"),
        "articles": ("全部文章", "Articles"),
        "examples": ("试着问", "Try asking"),
        "placeholder": ("问一个文章里的问题", "Ask about the articles"),
        "send": ("发送", "Send"),
        "stop": ("停止", "Stop"),
        "retry": ("重新回答", "Answer again"),
        "clear": ("清空对话", "Clear"),
        "model": ("模型", "Model"),
        "searching": ("正在检索文章…", "Searching the articles…"),
        "reading": ("找到 {count} 段相关原文，正在阅读…", "Found {count} passages, reading…"),
        "writing": ("正在回答…", "Answering…"),
        "stopped": ("已停止，以上内容未经核对。", "Stopped. The text above was not checked."),
        "broken": (
            "回答时出了意外，请再试一次；详情在服务日志里。",
            "Something unexpected went wrong. Try again; the server's log says more.",
        ),
        "too_long": (
            "问题有 {length} 个字，超过了 {limit} 个字的上限，请缩短后再发送。",
            "The question has {length} characters, over the limit of {limit}. Shorten it and send it again.",
        ),
        "unknown_model": (
            "没有名为“{model}”的模型；请从列表中选择，或填写 provider:model，例如 openai:qwen-plus。",
            "There is no model “{model}”; choose from the list, or give provider:model (openai:qwen-plus).",
        ),
        "sources": ("出处", "Sources"),
        "source": ("出处 {marker}：{quote}", "Source {marker}: {quote}"),
        "open": ("在全文中查看", "View in the article"),
        "passages": ("检索到的原文（{count} 段）", "Passages found ({count})"),
        "nearest": ("最接近的原文", "Nearest passages"),
        "refused": ("文章里没有找到依据", "The articles do not answer this"),
        "quoted": ("原文摘录 · 没有使用语言模型", "Quoted from the articles · no language model used"),
        "unsupported": (
            "画线或列出的内容没有找到出处",
            "No source supports what is underlined or listed here",
        ),
        "seconds": ("{seconds} 秒", "{seconds} s"),
        "verdict": ("这个回答怎么样？", "How is this answer?"),
        "up": ("回答得好", "Good answer"),
        "down": ("回答得不好", "Bad answer"),
        "correction": ("正确答案应该是什么？", "What would be right?"),
        "optional": ("可以不填", "Optional"),
        "nowhere": ("文章里没有", "The articles do not say"),
        "kept": ("谢谢，已记下。", "Thank you, noted."),
        "not_kept": ("没能记下：{error}", "It could not be kept: {error}"),
        "unsent": ("没有送到服务器，请再试一次。", "It did not reach the server. Try again."),
        "gone": (
            "这个回答已经不在服务器的记忆里，无法评价；请重新提问。",
            "The server no longer holds this answer; ask the question again.",
        ),
        "reader": ("阅读原文", "Reader"),
        "close": ("关闭", "Close"),
        "new_tab": ("在新标签页打开", "Open in a new tab"),
        "filter": ("按标题或路径查找", "Find by title or path"),
        "find": ("查找", "Find"),
        "shown": ("共 {count} 篇，显示 {shown} 篇", "{count} articles, {shown} shown"),
        "changed": (
            "这篇文章在回答之后改过，引用的那一处已不同，所以没有标出。",
            "This article has changed since the answer. The passage cited reads otherwise now, so nothing is marked.",
        ),
        "no_article": ("索引里没有这篇文章", "The index has no such article"),
    }
)


def say(key: str, language: Language, **values: object) -> str:
    """Return the string of that key with its ``{values}`` filled in."""
    return TEXT[key][language == "en"].format(**values)


def preferred(accepted: str, default: Language) -> Language:
    """Return the language that an ``Accept-Language`` header prefers, of those there are."""
    weighted = []
    for place, part in enumerate(accepted.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), place, tag[:2].lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(weighted):
        if tag == "zh":
            return "zh"
        if tag == "en":
            return "en"
    return default
