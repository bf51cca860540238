"""Generative AI models: the names that providers publish, not the names that people give to their own models."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.policy.kind_type import KindType

_FAMILIES: Final = (
    "gpt|chatgpt|o[1-9]|text-embedding|text-moderation|omni-moderation|whisper|tts|dall-e|claude|command|embed|rerank|"
    "c4ai-aya|gemini|gemma|imagen|mistral|mixtral|ministral|codestral|pixtral|llama|deepseek|qwen|phi|nova|titan|grok|sonar"
)
_WORDS: Final = (
    "a|ada|air|base|beta|chat|code|coder|deep|distill|embed|embeddings|english|exp|expanse|fast|flash|haiku|hd|high|image|"
    "instant|instruct|it|large|latest|light|lite|low|maverick|max|medium|micro|mini|multilingual|multimodal|nano|nemo|"
    "nightly|oss|plus|premier|preview|pro|r|reasoner|reasoning|realtime|search|scout|small|sonnet|opus|text|think|thinking|"
    "tiny|transcribe|turbo|ultra|v|vision|vl|audio|codex|online|maas|moe"
)
_VERSIONS: Final = (
    r"v?\d{1,2}(?:\.\d{1,2}){0,2}[a-z]?|\d{1,3}[bkm]|\d{4}|20[23]\d[01]\d[0-3]\d|\d{1,2}x\d{1,3}b|r\d{1,2}b?"
)

KINDS = (
    KindType(
        name="model",
        belongs="the published name of a generative AI model, such as `gpt-4o-mini` or `claude-3-5-sonnet-20241022`",
        handling="leaves if it is a known model family followed by versions, sizes, dates and known words",
        shape=rf"^(?:{_FAMILIES})(?:[1-9](?:\.[0-9])?)?(?:[-.:/](?:{_VERSIONS}|{_WORDS})){{0,6}}$",
        browser=True,
        accepts=(
            "gpt-4o",
            "gpt-4o-mini-2024-07-18",
            "claude-3-5-sonnet-20241022",
            "command-r-plus-08-2024",
            "llama-3.1-70b",
        ),
        refuses=("dvora", "gpt-dvora", "claude-305123456", "command-r 1985-03-12"),
    ),
)
