// The page's language before anything is drawn: the one chosen last, else the browser's.
"use strict";
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("suwen-language");
  } catch {} // storage may be forbidden: then the choice lasts as long as the page
  const language = chosen || navigator.language || "zh";
  document.documentElement.lang = language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}
