"""Lines that a web page puts around an article: share bars, counters, notices, navigation; and bylines.

A line is known by its whole wording, never by a word in it, so that a sentence about sharing, comments or
copyright stays what it is. What is measured against real pages is in eval/LOG.md.
"""

import re
import unicodedata

LONGEST = 90  # characters; what is longer is read as prose, but for the notice about cookies
_LONGEST_NOTICE = 240

_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_DECORATION = " \t\u3000*_#>|-–—•·★☆▲▼►▶◀◄↑↓←→«»[]【】()<>『』✕×"
_GAP = r"[\s|/·,、:+&-]*"

_TARGET = (
    r"(?:微信(?:好友|朋友圈|扫一扫)?|朋友圈|(?:新浪|腾讯)?微博|qq(?:空间|好友)?|豆瓣|人人网?|百度贴吧|"
    r"贴吧|开心网|知乎|领英|复制链接|"
    r"facebook|twitter|x|linkedin|whatsapp|telegram|reddit|pinterest|wechat|weibo|e-?mail|copy link|line)"
)
_COUNTED = r"(?:阅读|浏览|评论|点赞|点击|跟贴|跟帖|回复)[量数]?"
_ALSO_COUNTED = rf"(?:{_COUNTED}|(?:收藏|转发|分享|赞|在看|喜欢)[量数]?)"
_AMOUNT = r"(?:\d[\d,.]*\s*(?:万|k|w|m)?\+?\s*[次人条个]?)"
_MANY = (  # of one figure alone, that is no "阅读 3"; a bracket at the end is decoration
    r"(?:\d{2,}[\d,.]*\s*(?:万|k|w|m)?\+?\s*[次人条个]?|\d[\d,.]*\s*(?:万|k|w|m|次|人|条|个)\+?|\(\d+)"
)
_ENGLISH_COUNT = r"\d[\d,.]*[km]?\+? (?:comments?|views?|likes?|shares?|replies|reposts?|retweets?|claps?)"
_WORK = r"(?:本文|本站|本网站?|文章|图片|内容|文字|以上|作品|所有|及|和|、|中|所?转载|网络|部分|的)*"
_REPRINTED = r"(?:转载|摘编|摘录|复制|镜像|转发|抄袭|引用|翻印)"
_OWNER = r"(?:原作者|作者|本站|本网站?|原网站|原作者或来源机构|版权方|原创者|其?所有者)(?:本人)?"

_SHARE = (
    rf"(?:一键|我要)?分享(?:到|至|给好友|按钮){_GAP}(?:{_TARGET}{_GAP})*",
    rf"分享:{_GAP}(?:{_TARGET}{_GAP})*",
    rf"分享{_GAP}(?:{_TARGET}{_GAP})+",
    rf"(?:{_TARGET}[\s|/·]+){{2,}}{_TARGET}",
    rf"share (?:this )?(?:on|to|via|with) (?:{_TARGET}{_GAP}(?:and|or)?{_GAP})+",
    rf"share(?: this)?(?: article| story| post| page)?:?\s{_GAP}(?:{_TARGET}{_GAP})+",
    r"share this (?:article|story|post|page|with your friends)",
    r"用微信扫(?:描|一扫)二维码.{0,20}",
)
_COUNTERS = (
    rf"{_COUNTED}\s*:?\s*{_MANY}",
    rf"(?:{_ALSO_COUNTED}\s*:?\s*\(?{_AMOUNT}\)?{_GAP}){{2,}}",
    rf"(?:{_AMOUNT}\s*{_ALSO_COUNTED}{_GAP}){{2,}}",
    rf"\d[\d,.]*\s*[万kw]?\+?\s*(?:次|人|条|个)\s*{_COUNTED}",
    r"(?:暂无|没有|暂时没有|还没有人?|暂时还没有)评论[哦!.。,]*(?:快来.{0,12}|点击.{0,8}|来说.{0,6})?",
    r"(?:no|add|\d[\d,.]*k?) comments?(?: yet)?|\d[\d,.]*[km]? views",
    rf"(?:{_ENGLISH_COUNT}{_GAP}){{2,}}",
    r"[\d,.]+\s*(?:分钟阅读|min(?:ute)?s? read)",
)
_NOTICES = (
    r"(?:©|(?:\(?c\)|copyright)[\s:,.©(c)]*(?=©|\d{4})|版权所有(?=[\s:,.©(]|\d{4}))[^。;]{0,60}",
    r"[^。,;由归是被的和为将:]{0,24}版权所有[,.。\s]*(?:(?:未经|违者|侵权|翻版|盗版|all rights).{0,30})?",
    r"(?:©|copyright|\d{4}).{0,60}all rights reserved[.。]?",
    r"all rights reserved[.。]?",
    rf"{_WORK}版权归{_OWNER}所有.{{0,40}}",
    r"(?:本文|本站|图片|文章|作品)(?:的)?(?:版权|著作权)归.{1,24}所有.{0,30}",
    rf"(?:本文由[^。,]{{1,14}}发布[。,]|本文系[^。,]{{1,18}}发表,)?{_WORK}[,.]?未经[^。]{{0,16}}(?:不得|禁止|严禁|请勿|谢绝|不准)[^。,]{{0,6}}{_REPRINTED}[,.。!]*(?:违者必究|违者.{{0,12}})?[.。!]*",
    rf"(?:如需|欢迎|禁止|谢绝|严禁|请勿)?{_REPRINTED}[,:]?(?:请|须|务必|需)[^。]{{0,10}}(?:注明|联系|标明)[^。]{{0,40}}[.。!]*",
    r"(?:本文)?(?:如有|若有|如)(?:侵权|侵犯|版权问题)[^。]{0,20}(?:联系|告知)[^。]{0,20}[.。!]*",
    r"(?:谢绝|禁止|严禁)(?:任何形式的?)?转载[.。!]*|(?:版权)?声明:原创文章,转载请注明出处[.。]*",
    r"(?:声明:)?(?:本文|以上内容|文章|该文)仅代表作者(?:本人|个人)?(?:的)?观点[^。]{0,40}[.。]*",
    r"(?:accept|reject|allow|decline) (?:all |necessary )?cookies|cookie (?:settings|preferences|policy|notice)",
    r"(?:接受|同意|拒绝)(?:所有|全部)?\s?cookies?(?:并继续)?",
    r"(?:privacy policy|terms of (?:use|service)|隐私政策|用户协议|服务条款)(?:[\s|/·&,、]|and|和|与)+"
    r"(?:privacy policy|terms of (?:use|service)|cookie policy|隐私政策|用户协议|服务条款|cookie政策)",
    r"[京沪粤浙苏津渝川鲁闽湘鄂豫]icp[备证].{0,40}|[京沪粤浙苏津渝川鲁闽湘鄂豫]公网安备.{0,30}",
)
_COOKIES = re.compile(
    r"(?:we|this (?:web)?site|our (?:web)?site|by (?:using|continuing)).{0,80}cookies\b.{0,160}"
    r"(?:accept|agree|consent|continue|policy|settings|best experience).{0,80}"
    r"|(?:本网站|我们|本站)使用\s?cookies?.{0,80}(?:同意|继续|接受).{0,60}"
)
_NAVIGATION = (
    r"(?:上|下)[一1](?:篇|页|章|条)(?:文章)?(?::.{0,60})?",
    r"(?=.*[上下][一1])(?:[上下][一1](?:篇|页|章|条)|目录|首页|尾页|\d{1,3}|[\s|/·])+",
    r"(?:返回|回到)(?:页首|顶部|首页|列表|目录|上一级|上一页|上页)",
    r"(?:相关|推荐|热门|更多|精彩)(?:阅读|文章|推荐|新闻|链接|资讯|专题|内容)(?::.{0,50})?|猜你喜欢|大家都在看|热门推荐|为您推荐",
    r"(?:请?扫码|请?扫(?:描|一扫)[^。,]{0,12}二维码|长按[^。,]{0,10}二维码|识别[^。,]{0,8}二维码)[^。]{0,30}",
    r"(?:请?点击|点此|戳)(?:下方|左下角|文末)?[^\w。,]?(?:阅读|查看)(?:原文|全文|更多)[^。\w]{0,4}|阅读(?:原文|全文)|查看(?:原文|全文|更多)",
    r"点击(?:上方|下方|右上角|蓝字)[^。]{0,20}关注[^。]{0,16}",
    r"(?:欢迎|请|快来)?(?:关注|订阅|搜索)(?:我们(?:的)?)?(?:官方)?微?信?公众号[^。,]{0,24}",
    r"(?:展开|收起)(?:全文|更多|全部)|(?:点击)?加载更多|正在加载[.。]*",
    r"(?:发表|我要|写|查看|参与|全部|最新|热门)(?:我的)?(?:评论|回复)|我要(?:留言|投稿|纠错|举报|反馈)",
    r"(?:字号|字体)(?:大小)?:?[\s大中小+\-|]{3,}",
    r"(?:请点击举报理由|确定举报此问题|(?:热门|最新|全部|精彩|网友)评论[\s|/]+(?:热门|最新|全部)评论|网友评论)",
    r"(?:打印(?:本页)?|关闭(?:窗口|本页)?|收藏(?:本页)?|举报|纠错|[\s|/·】【])+(?:打印(?:本页)?|关闭(?:窗口|本页)?|收藏(?:本页)?|举报|纠错)",
    r"(?:(?:当前|您的|你的|您现在的|您所在的)位置:\s*)?(?:网站)?(?:首页|home)\s*(?:[>›»/→]\s*[^>›»/→。]{1,40}\s*)+[>›»/→]?",
    r"(?:当前|您的|你的|您现在的|您所在的)位置:\s*[^>›»→。]{1,20}(?:[>›»→][^>›»→。]{1,40})+",
    r"(?:您|你|只有)?(?:需要|注册用户)?(?:请)?(?:先)?(?:登录(?:后|以后))?(?:才?(?:能|可以?))?(?:发表|查看|参与|进行|继续)?"
    r"(?:评论|回复|回帖|跟帖|全文)[,.。\s]*(?:请\s*)?登录\s*(?:[|/·、]|或者?)\s*(?:立即)?注册",
    r"(?:请)?(?:先)?登录(?:后|以后)(?:才?(?:能|可以?))?(?:发表|查看|参与|进行|继续)?(?:评论|回复|回帖|全文|更多)?",
    r"(?:登录|注册)\s*[|/·、或\s]\s*(?:登录|注册)|(?:还?没有[^。,]{0,8}[账帐]号\?)?立即(?:登录|注册)|请先登录",
    r"(?:log ?in|sign (?:in|up)|register|create an account)\s*(?:[|/·]|or)\s*(?:log ?in|sign (?:in|up)|register|join)",
    r"(?:log|sign) in to (?:comment|reply|continue|read more|post a comment|leave a comment)",
    r"(?:subscribe|sign up) (?:to|for) our (?:free )?(?:daily |weekly )?(?:newsletter|mailing list).{0,30}",
    r"(?:click here to )?(?:read|view|show|see|load) (?:more|full article|the full (?:story|article)|all comments)"
    r"[.…]*(?::.{0,60})?",
    r"(?:continue reading|keep reading|back to top|skip to (?:main )?content|jump to navigation|"
    r"view comments|print this page)[.…]*",
    r"(?:previous|next|related|more|recommended|popular) (?:article|post|story|page|stories|articles|posts|reading)s?"
    r"(?::.{0,60})?",
    r"you (?:may|might) also (?:like|enjoy|be interested in)|"
    r"leave a (?:comment|reply)|post a comment|follow us(?: on .{1,40})?",
    r"advertisement|story continues below(?: advertisement)?|sponsored content|广告",
)
_BOILERPLATE = re.compile("|".join(f"(?:{each})" for each in _SHARE + _COUNTERS + _NOTICES + _NAVIGATION))

_ROLE = (
    r"(?:责任编辑|责编|编辑|作者|原作者|记者|本报记者|撰文|撰稿|编译|翻译|译者|摄影|校对|审核|审校|供图|图源|图片来源|图|文|来源|"
    r"稿源|文章来源|信息来源|出处|通讯员|见习记者|实习生|排版|美编|监制|编者|本文来源|数据来源|发布时间|发表时间|发布日期|更新时间|日期|"
    r"photo(?:graph)?(?: credit)?s?|image(?: credit)?s?|picture|credit|source|author|editor|reporter|writer)"
)
_DATE = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?)"
_BYLINE = re.compile(
    rf"{_DATE}?[\s|/]*(?:{_ROLE}\s*[:|/丨]\s*"
    rf"(?:{_DATE}|[^\s:|/丨。!?]{{1,20}}(?: [^\s:|/丨。,!?]{{1,16}}){{0,3}})[\s|/;,·、]*)+{_DATE}?"
)
_ENGLISH_BYLINE = re.compile(
    r"(?:By|Written by|Edited by|Reported by|Photo(?:graph)?s? by|Text by|Translated by) "
    r"[A-Z][\w.'’-]+(?:,? (?:and |& )?[A-Z][\w.'’-]*){0,7}"
)
_CHINESE_BYLINE = re.compile(
    r"(?:本报|本刊|本网|新华社|见习|特约)?记者 ?[\u4e00-\u9fff·]{2,4}(?:[ 、][\u4e00-\u9fff·]{2,4}){0,3}(?: ?报道)?"
)


def is_boilerplate(line: str) -> bool:
    """Tell whether a line is a share bar, a counter, a notice or navigation, which say nothing of the subject."""
    if len(line) > _LONGEST_NOTICE:
        return False
    plain = _plain(line).casefold()
    if len(plain) <= LONGEST:
        return _BOILERPLATE.fullmatch(plain) is not None
    return _COOKIES.fullmatch(plain) is not None


def is_byline(line: str) -> bool:
    """Tell whether a line only names who wrote, edited or pictured the article, or where and when it appeared."""
    if len(line) > LONGEST:
        return False
    plain = _plain(line)
    return bool(
        _BYLINE.fullmatch(plain.casefold()) or _ENGLISH_BYLINE.fullmatch(plain) or _CHINESE_BYLINE.fullmatch(plain)
    )


def _plain(line: str) -> str:
    """Return the words of a line, full-width signs made narrow, without links' addresses and decoration around."""
    return unicodedata.normalize("NFKC", _LINK.sub(r"\1", line)).strip(_DECORATION)
