import pytest

from rag.boilerplate import is_boilerplate, is_byline

BOILERPLATE = """
分享到 微信 微博 QQ空间
分享到：微信好友 朋友圈 新浪微博
分享至朋友圈
分享：微信 / 微博
微信 微博 QQ空间
分享到微博
Share on Facebook
Share this article
Share: Facebook Twitter LinkedIn
Facebook | Twitter | WhatsApp
[分享到微博](https://service.weibo.com/share/share.php?url=x)
评论 123
评论(0)
评论（36）
阅读 1.2万
阅读量：10万+
阅读：4787次
浏览 3,204 次
阅读 1.2万 点赞 30 评论 12
30 点赞 12 评论
暂无评论
还没有人评论，点击抢沙发～
12 comments
No comments yet
1.2K views
12 likes · 3 comments
版权所有
版权所有，未经授权不得转载
版权所有 © 2024 某某网
某某科技有限公司 版权所有
Copyright © 2020-2024 Example Inc. All rights reserved.
© 2024 Example Inc.
All rights reserved.
未经授权不得转载
未经许可，严禁转载。
本文未经作者授权，禁止转载
本文由妈妈帮用户发布。未经许可,禁止转载。
转载请注明出处
转载请联系原作者，并注明来源
禁止转载
本文版权归原作者所有，如有侵权请联系删除
如有侵权，请联系我们删除
本文仅代表作者观点，不代表本站立场。
Accept all cookies
We use cookies to give you the best experience. By continuing, you accept our cookie policy.
Privacy Policy | Terms of Use
京ICP备12345678号-1
上一篇
上一篇：茶的故事
下一篇：没有了
上一篇 下一篇
上一页 1 下一页
返回顶部
回到首页
相关阅读
相关阅读：阿里的下一步
推荐阅读
猜你喜欢
扫码关注我们
扫描二维码关注公众号
长按识别二维码，关注我们
点击阅读原文
点击查看更多
阅读原文
查看全文
展开全文
加载更多
发表评论
我要评论
字号：大 中 小
【打印】【关闭】
首页 > 新闻 > 正文
当前位置：首页 > 娱乐 > 电视剧
登录 | 注册
登录后才能发表评论
您需要登录后才可以回帖 登录 | 立即注册
Log in / Sign up
Log in to comment
Subscribe to our newsletter
Read more
Read more: Ten facts about tea
Continue reading...
Back to top
Skip to content
Previous post: On tea
Related articles
You may also like
Leave a comment
Follow us on Twitter
Advertisement
欢迎关注我们的微信公众号：云雾茶厂
""".strip().splitlines()

PROSE = """
他把照片分享到微信朋友圈，当天就有两百人点赞。
分享
分享经济
分享到最后，大家都哭了。
微信
微信、微博和QQ空间是常见的分享渠道。
微信支付 微信小程序
Share prices fell on Monday.
Share
Shares of Facebook fell.
Facebook and Twitter
评论
评论家对这部电影评价不高。
评论 1
阅读 3
阅读理解
阅读是一种习惯。
阅读 30 分钟可以放松心情。
阅读量下降了10%。
点赞数超过一万的视频会被推荐。
收藏 300
他收到 12 条评论。
评论区有12人说他错了。
The post drew 12 comments from experts.
500 shares
The video has 1.2 million views.
版权所有者可以要求赔偿。
版权所有权的转让须书面签订。
这首歌由环球唱片版权所有。
电影的版权归华谊兄弟所有。
版权
版权法
Copyright law protects authors.
He wrote "all rights reserved" on the first page.
未经国王许可不得使用森林。
他表示，未经作者同意不得转载这些文章。
第三条 未经许可不得复制。
转载这篇文章的报纸有十家。
转载率
如有侵权行为，法院会判决赔偿。
Cookies are small files that a site stores.
Cookie
上一篇文章介绍了茶的历史。
上一篇论文发表于2010年。
下一篇章
下一页写着他的名字。
返回山东
返回地球
返回首页的按钮在左上角。
相关阅读材料见附录。
推荐阅读人数最多的书是《红楼梦》。
扫码支付在中国很普遍。
关注儿童健康
关注度
点击率
点击“查看更多”按钮，可以看到全部订单。
展开
登录
注册
登录火星的探测器
登录后，用户可以修改密码。
Log in
Sign up
Sign in with your company account to see the report.
Read more books.
Reading more slowly helps.
Back to the Future
Previous research has shown this.
Related work
Advertisements were banned in 1971.
广告学
广告收入占六成
首页
首页设计
北京 > 上海 > 广州
字号
打印
打印机
举报人受到保护。
""".strip().splitlines()

BYLINES = """
作者：张三
文|张三
文 / 李四 编辑 / 王五
责任编辑：王五
（责任编辑：王五）
【责任编辑:cloudyko】
来源：新华网
2020-01-02 10:00 来源：新华网 作者：张三
图源：视觉中国
图片来源：路透社
摄影：张三
本报记者 张三 李四
记者 张三 报道
By John Smith
By John Smith and Mary O'Neil
Written by J. K. Rowling
Photo: Reuters
Image credit: NASA
Source: World Bank
""".strip().splitlines()

NO_BYLINES = """
作者：鲁迅是中国现代文学的奠基人。
作者在序言里说明了写作的原因
来源：本文数据取自国家统计局的公报，有改动。
来源
记者
编辑部
责任编辑由王五担任。
记者张三昨天去了现场，见到了厂长。
By 1990 the town had grown.
By the river stood a house.
Source code is free.
Photo albums
图书馆：藏书300万册。
文化
时间：2017年5月14日
地点：北京
""".strip().splitlines()


@pytest.mark.parametrize("line", BOILERPLATE)
def test_what_a_page_puts_around_its_article(line: str) -> None:
    assert is_boilerplate(line)
    assert is_boilerplate(f"- **{line}**")
    assert not is_boilerplate(f"他说，这里写着“{line}”，所以大家都笑了。")


@pytest.mark.parametrize("line", PROSE + BYLINES + NO_BYLINES)
def test_what_only_has_such_words(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize("line", BYLINES)
def test_who_wrote_it(line: str) -> None:
    assert is_byline(line)


@pytest.mark.parametrize("line", NO_BYLINES + PROSE)
def test_who_did_not(line: str) -> None:
    assert not is_byline(line)


def test_the_lists_are_long() -> None:
    assert len(set(BOILERPLATE)) >= 60
    assert len(set(PROSE)) >= 60


def test_a_long_line_is_prose() -> None:
    assert not is_boilerplate("上一篇：" + "茶" * 1000)
    assert not is_byline("作者：" + "茶" * 1000)
