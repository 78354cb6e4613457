import { isChinese, speak } from "../../engine/language/translate.ts";
import { LESSONS } from "../../engine/language/zh-cn/lessons.ts";
import { PANEL } from "../../engine/language/zh-cn/panel.ts";
import { SHARED } from "../../engine/language/zh-cn/shared.ts";

// The page has the editor's language; what is said by constants is asked for when their modules are read, which comes after this.
if (isChinese(document.documentElement.lang)) speak(SHARED, PANEL, LESSONS);
