"""Questions with sentences to answer from, one a line after the question, and the expression to be computed, or none."""

ASKED = """
上海地铁里程比广州地铁长多少公里？
截至2023年底，上海地铁运营里程为825公里。
广州地铁的运营里程达到653公里。
上海地铁共有508座车站。
= 825公里 − 653公里 = 172公里

2022年甲公司的净利润比乙公司高多少？
2022年，甲公司净利润为12.5亿元，乙公司净利润为9.8亿元。
2021年甲公司净利润只有8亿元。
= 12.5亿元 − 9.8亿元 = 2.7亿元

东湖水库和西湖水库的库容相差多少？
东湖水库的库容为3.2亿立方米。
西湖水库建成于1988年，库容8000万立方米。
= 3.2亿立方米 − 8000万立方米 = 2.4亿立方米

绿茶和红茶的产量合计多少吨？
2023年，绿茶产量320吨，红茶产量85吨，另有白茶12吨。
= 320吨 + 85吨 = 405吨

从2019年到2023年，茶厂的产量增长了百分之几？
2019年茶厂产量为280吨。
2023年茶厂产量为350吨，厂长是李梅。
= (350吨 − 280吨) ÷ 280吨 = 25%

茶厂2023年的产量比2019年多多少吨？
2019年茶厂产量为280吨。
2023年茶厂产量为350吨，厂长是李梅。
= 350吨 − 280吨 = 70吨

东塔的高度是西塔的几倍？
东塔高90米，西塔高60米。
= 90米 ÷ 60米 = 1.5倍

新桥通车比老桥通车晚了几年？
老桥于1957年10月通车。
新桥在1968年12月建成通车，全长1577米。
= 1968年12月 − 1957年10月 = 11年2个月

公司成立到上市隔了几年？
公司1998年在深圳成立。
公司于2004年在香港上市，募集资金14亿港元。
= 2004年 − 1998年 = 6年

除了甲品牌和乙品牌，其他品牌还剩多少市场份额？
在国内手机市场，甲品牌份额占18.5%，乙品牌份额占16%。
= 100% − 18.5% − 16% = 65.5%

一线城市和二线城市的空置率差几个百分点？
调查显示，一线城市的空置率是16%，二线城市的空置率则高达24.5%。
= 24.5% − 16% = 8.5个百分点

长江和黄河哪条更长？
长江全长约6300公里，是亚洲第一大河。
黄河全长5464公里。
= 6300公里 > 5464公里

甲店和乙店谁的员工更多？
甲店有员工45人，开业于2015年。
乙店的员工有62人。
= 62人 > 45人

女生占全校学生的百分之几？
全校学生共有1200人。
其中女生540人。
= 540人 ÷ 1200人 = 45%

A型电池的续航比B型电池多多少公里？
A型电池续航达到620公里，售价18万元。
B型电池续航为480公里，售价15万元。
= 620公里 − 480公里 = 140公里

A型电池比B型电池贵多少？
A型电池续航达到620公里，售价18万元。
B型电池续航为480公里，售价15万元。
= 18万元 − 15万元 = 3万元

2024年的用户数比2020年多多少？
2020年，平台用户数约为1.5亿。
到2024年，平台用户数增至3.2亿。
= 3.2亿 − 1.5亿 ≈ 1.7亿

北馆和南馆一共有多少册藏书？
北馆藏书120万册，南馆藏书85万册。
= 120万册 + 85万册 = 205万册

王建国出任厂长比李梅出任厂长早几个月？
2019年3月，王建国出任厂长。
李梅出任厂长是在2020年1月。
= 2020年1月 − 2019年3月 = 10个月

火车票比汽车票便宜多少元？
火车票票价54元，汽车票票价80元。
= 80元 − 54元 = 26元

首期工程和二期工程的投资总共是多少？
首期工程投资4.5亿元，2016年完工。
二期工程投资6.2亿元。
= 4.5亿元 + 6.2亿元 = 10.7亿元

张家界比黄山的游客多多少？
2023年黄山接待游客457万人次。
同年张家界接待游客超过600万人次。
= 600万人次 − 457万人次 ≈ 143万人次

主楼和附楼分别为120米和85米，主楼比附楼高多少？
主楼和附楼的高度分别为120米和85米。
= 120米 − 85米 = 35米

第一季度的收入比第二季度少多少？
第一季度收入为32亿元，第二季度收入为41亿元。
= 41亿元 − 32亿元 = 9亿元

甲县和乙县的人口加起来有多少？
甲县人口45.3万，面积1200平方公里。
乙县人口38.2万，面积980平方公里。
= 45.3万 + 38.2万 = 83.5万

甲县的面积比乙县大多少？
甲县人口45.3万，面积1200平方公里。
乙县人口38.2万，面积980平方公里。
= 1200平方公里 − 980平方公里 = 220平方公里

开工和竣工之间相隔几年？
大坝于1994年12月开工。
大坝在2006年5月竣工。
= 2006年5月 − 1994年12月 = 11年5个月

文中给了大坝两个造价数字，相差多少？
大坝最初的造价估算是2039亿元。
最后大坝的造价为2485亿元。
工程历时17年。
= 2485亿元 − 2039亿元 = 446亿元

南线隧道比北线隧道宽多少米？
南线隧道宽15.2米，北线隧道宽12.8米，两条都限速80公里/小时。
= 15.2米 − 12.8米 = 2.4米

How much taller is the north tower than the south tower?
The north tower stands 417 metres tall.
The south tower, finished a year later, is 395 metres tall.
= 417 metres − 395 metres = 22 metres

By how much did Acme's revenue exceed Globex's revenue in 2022?
In 2022 Acme reported revenue of $4.5 billion.
Globex had revenue of $3.8 billion in 2022, and 12,000 employees.
Acme had revenue of $4.1 billion in 2021.
= $4.5 billion − $3.8 billion = $0.7 billion

How many more passengers did Heathrow handle than Gatwick?
Heathrow handled 79 million passengers that year.
Gatwick handled 41 million passengers.
= 79 million passengers − 41 million passengers = 38 million passengers

What is the difference in length between the Rhine and the Elbe?
The Rhine has a length of about 1,230 kilometres.
The Elbe is 1,094 km long.
= 1,230 kilometres − 1,094 km ≈ 136 kilometres

How many people do the two plants in Lyon and Nantes employ in total?
The plant in Lyon employs 1,200 people.
The plant in Nantes employs 850 people and makes engines.
= 1,200 people + 850 people = 2,050 people

How many times as large as the garden is the park?
The park covers 12 hectares.
The garden covers 3 hectares.
= 12 hectares ÷ 3 hectares = 4 times

How many years passed between the founding of the club and its first title?
The club was founded in 1899.
It won its first title in 1923.
= 1923 − 1899 = 24 years

How many years after the bridge opened did the tunnel open?
The bridge opened in 1932 and carries eight lanes.
The tunnel opened in 1992.
= 1992 − 1932 = 60 years

By what percentage did exports grow between 2015 and 2020?
In 2015 exports came to 80 million dollars.
By 2020 exports had reached 100 million dollars.
= (100 million dollars − 80 million dollars) ÷ 80 million dollars = 25%

Which is deeper, Lake Geneva or Lake Garda?
Lake Geneva is 310 metres deep.
Lake Garda reaches a depth of 346 metres.
= 346 metres > 310 metres

How many percentage points higher was turnout in Bern than in Basel?
Turnout was 54.2% in Bern and 47.5% in Basel.
= 54.2% − 47.5% = 6.7 percentage points

What share of the budget went to roads?
The budget was 200 million euros.
Roads took 50 million euros.
= 50 million euros ÷ 200 million euros = 25%

How much did the two bridges, Alpha Bridge and Beta Bridge, cost together?
Alpha Bridge cost 12 million pounds.
Beta Bridge cost 9.5 million pounds.
= 12 million pounds + 9.5 million pounds = 21.5 million pounds

How much heavier is the adult male than the adult female?
An adult male weighs 190 kg.
The adult female weighs 120 kg.
= 190 kg − 120 kg = 70 kg

What share remains for others after Volta and Ampere?
Volta holds 31% of the market, Ampere 24%.
= 100% − 31% − 24% = 45%

How many months passed between the launch of Falcon and the launch of Osprey?
Falcon was launched in March 2019.
Osprey was launched in November 2019.
= November 2019 − March 2019 = 8 months

How many days lay between the signing and the ceasefire?
The signing took place on 3 May 1954.
The ceasefire followed on 20 June 1954.
= 20 June 1954 − 3 May 1954 = 48 days

How much longer is the old route than the new route?
The old route is 48 km long, the new route 31 km.
= 48 km − 31 km = 17 km

How many more students are there at Oxford than at Durham?
Oxford has 26,000 students and Durham has nearly 22,000 students.
= 26,000 students − 22,000 students ≈ 4,000 students

How much more did the film cost than the book earned?
The film cost $25 million.
The book earned $9 million.
= $25 million − $9 million = $16 million

How much cheaper is the standard plan than the premium plan?
The standard plan costs $12 a month.
The premium plan costs $30 a month and includes support.
= $30 − $12 = $18

Which was founded earlier, the college or the library?
The college was founded in 1571.
The library was founded in 1602.
= 1571 < 1602

By how many million did the population rise from 1990 to 2010?
The population was 21.5 million in 1990 and 28.1 million in 2010.
= 28.1 million − 21.5 million = 6.6 million

What was the combined output of the Ruhr mine and the Saar mine?
The Ruhr mine had an output of 450 tonnes, while the Saar mine had an output of 320 tonnes.
= 450 tonnes + 320 tonnes = 770 tonnes

How much wider is the new channel than the old channel?
The new channel is 218 metres wide at its narrowest.
The old channel was 33.5 metres wide.
= 218 metres − 33.5 metres = 184.5 metres

Who scored more goals, Klose or Mueller?
Klose scored 71 goals for the team.
Mueller scored 68 goals.
= 71 goals > 68 goals

How many times larger is the Sahara than the Gobi?
The Sahara covers 9.2 million square kilometres.
The Gobi covers 1.3 million square kilometres.
= 9.2 million square kilometres ÷ 1.3 million square kilometres ≈ 7.08 times
"""

NONE = """
甲公司的净利润比乙公司高多少？
2022年，甲公司营收为125亿元，乙公司营收为98亿元。

2022年甲公司的净利润比乙公司高多少？
2021年甲公司净利润为12亿元，乙公司净利润为9亿元。

甲公司比乙公司多多少员工？
甲公司有员工1200人。
丙公司有员工800人。

甲店比乙店多几名员工？
甲店有员工45人。
乙店有员工32人，比甲店少13人。

绿茶和红茶的产量合计多少吨？
绿茶产量320吨，红茶产量85吨，合计405吨。

茶厂有多少员工？
茶厂有员工85人，比去年多12人。

从2019年到2023年，产量增长了百分之几？
2019年产量为280吨，2023年产量为350吨，增长25%。

腾讯云的份额比阿里云高几个百分点？
阿里云份额27%，腾讯游戏份额54%。

公司一共有多少员工？
公司在北京有员工300人，在上海有员工200人。

长江和黄河相差多少？
长江流经11个省份，全长6300公里。
黄河流经9个省份，全长5464公里。

阿里巴巴成立到上市隔了几年？
阿里巴巴1999年成立。
阿里巴巴2003年推出淘宝。

新桥比老桥长多少？
新桥全长1577米。
老桥宽22米。

甲地的气温比乙地高多少？
甲地气温为三十多度，降雨量800毫米。

距今多少年？
大桥建于1957年。

大坝的造价比预算多多少？
大坝的造价为2485亿元。
大坝的预算在1993年是900亿元，在1997年是2039亿元。

甲县的人口密度比乙县大多少？
甲县人口45.3万，面积1200平方公里。
乙县人口38.2万，面积980平方公里。

2023年上半年的销量比下半年多多少？
2023年销量为320万辆。
2022年下半年销量为150万辆。

为什么甲公司的收入比乙公司高？
甲公司收入为12亿元，乙公司收入为9亿元。

甲队比乙队早到几天？
甲队于5月3日到达，乙队于5月9日到达。

豆包和元宝谁的日活更高？
豆包日活突破1亿，元宝日活接近1亿。

苹果比香蕉贵多少？
苹果每斤8元，香蕉每箱50美元。

甲校的学生比乙校多多少？
甲校有学生1200人、教师90人，乙校有教师85人。

How much taller is the north tower than the south tower?
The north tower stands 417 metres tall.
The west tower is 395 metres tall.

By how much did Acme's profit exceed Globex's profit?
Acme reported revenue of $4.5 billion.
Globex had revenue of $3.8 billion.

How many more passengers did Heathrow handle than Gatwick?
Heathrow handled 79 million passengers, 38 million more than Gatwick.
Gatwick handled 41 million passengers.

How many times did Acme win the prize?
Acme won the prize in 1999 and 2004.

Which is deeper, Lake Geneva or Lake Garda?
Lake Geneva is 310 metres deep.
Lake Garda is 52 kilometres long.

How many years passed between the founding of the club and its first title?
The club was founded in 1899.
The club moved in 1923.

How many workers were killed during construction in total?
Ten workers were killed during the construction, eight of them British.

How much did the two bridges cost together?
Alpha Bridge cost 12 million pounds.
Beta Bridge cost 9.5 million pounds, and Gamma Bridge 4 million.

By what percentage did exports grow between 2015 and 2020?
In 2015 exports came to 80 million dollars.
By 2020 exports had risen by 25% to 100 million dollars.

How much wider is the new channel than the old channel?
The new channel is 218 metres wide and 24 metres deep.
The old channel was 8 metres deep.

What is the difference between a crocodile and an alligator?
Crocodiles can grow to 6 metres, alligators to 4.5 metres.

How many years older is Anna than Ben?
Anna was born in Vienna in 1950.

How much more does the Pro cost than the Lite?
The Pro costs $300.
The Lite costs €200.

How much larger is Berlin than Hamburg?
Berlin has 3.7 million inhabitants and covers 892 square kilometres.
Hamburg has 1.9 million inhabitants and covers 755 square kilometres.

Why did costs rise more than expected?
Costs were expected to be 2 million pounds but reached 3 million pounds.

How many people live in Lyon and Nantes?
Lyon has 520,000 inhabitants, Nantes 320,000.
"""


def cases(table: str) -> list[tuple[str, list[str], str]]:
    """Return question, sentences and expression of each paragraph of a table, the last empty where nothing is computed."""
    found: list[tuple[str, list[str], str]] = []
    for paragraph in table.strip().split("\n\n"):
        question, *lines = paragraph.splitlines()
        expression = lines.pop().removeprefix("= ") if lines[-1].startswith("= ") else ""
        found.append((question, lines, expression))
    return found
