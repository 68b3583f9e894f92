"""How the chat page looks: our colours and scripts on Gradio's plain theme."""

import gradio as gr

HEAD = (
    '<link rel="stylesheet" href="suwen/colours.css"><link rel="stylesheet" href="suwen/page.css">'
    '<script src="suwen/page.js"></script><script src="suwen/verdict.js"></script>'
)


def theme() -> gr.themes.Base:
    """Return Gradio's plain theme with our colours (``assets/colours.css``) and the system's own fonts."""
    fonts = ["system-ui", "sans-serif"]
    values = {
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--soft)",
        "background_fill_primary": "var(--sheet)",
        "background_fill_secondary": "var(--ground)",
        "block_background_fill": "transparent",
        "block_label_text_color": "var(--soft)",
        "border_color_primary": "var(--line)",
        "border_color_accent": "var(--accent)",
        "color_accent_soft": "var(--tint)",
        "input_background_fill": "var(--sheet)",
        "input_border_color": "var(--line)",
        "input_placeholder_color": "var(--soft)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_text_color": "var(--on-accent)",
        "button_primary_border_color": "var(--accent)",
        "button_secondary_background_fill": "var(--sheet)",
        "button_secondary_background_fill_hover": "var(--tint)",
        "button_secondary_text_color": "var(--ink)",
        "button_secondary_border_color": "var(--line)",
    }
    dark = {f"{name}_dark": value for name, value in values.items()}
    # Gradio paints these two before our style sheet is there: names of colours mean nothing yet.
    ground = {"body_background_fill": "#fbfaf7", "body_background_fill_dark": "#151917"}
    return gr.themes.Base(font=fonts, font_mono=fonts).set(**values, **dark, **ground)
