"""The words of the HTML report that no other format has."""

from __future__ import annotations

from socap.errors import Text

WORDS = {
    "skip": Text("跳到审核发现", "Skip to the findings"),
    "sections": Text("章节", "Sections"),
    "overview": Text("概览", "Overview"),
    "facts": Text("评价范围", "What was assessed"),
    "notice": Text("关于本报告", "About this report"),
    "outcomes": Text("结论分布", "Outcomes"),
    "clause": Text("条款", "Clause"),
    "aspect": Text("方面", "Aspect"),
    "phase": Text("PDCA 阶段", "PDCA phase"),
    "any": Text("全部", "any"),
    "all_counts": Text("查看全部数字", "All the numbers"),
    "causes": Text("根因与依赖", "Root causes and what rests on them"),
    "causes_how": Text(
        "每一框是一项不符合或待定的要求；线的左端是右端的先决要求。标有◆、粗框的是根因：不依赖其他不符合项的不符合，应先解决。",
        "Each box is a requirement that is nonconforming or undetermined; a line runs from a prerequisite on the left to what rests on it. "
        "◆ and a heavy border mark a root cause: a nonconformity that rests on no other one and is to be solved first.",
    ),
    "causes_none": Text(
        "没有不符合或待定的要求。", "No requirement is nonconforming or undetermined."
    ),
    "below": Text("（详见下表）", "(the table below says the same)"),
    "as_table": Text("以表格查看", "The same as a table"),
    "root_cause": Text("根因", "root cause"),
    "rests_on": Text("尚未符合的先决要求", "Rests on, not yet conforming"),
    "holds_up": Text("影响的要求", "Holds up"),
    "timeline": Text("预测：若不采取措施", "Forecast: if nothing is done"),
    "timeline_how": Text(
        "每个标记是从这一时段起结论发生变化的要求，标记越大，要求越多。",
        "Each mark stands for requirements that come out otherwise from that time on; the larger, the more.",
    ),
    "timeline_none": Text("在此期间没有要求发生变化。", "No requirement changes in that time."),
    "certification_lost": Text("建议变差", "Recommendation gets worse"),
    "date": Text("日期", "Date"),
    "change": Text("变化", "Change"),
    "cause": Text("原因", "Cause"),
    "credit": Text("证书采信", "Credit by certificate"),
    "credit_how": Text(
        "现有证书可以全部或部分采信的适用要求数。",
        "How many applicable requirements each certificate covers, wholly or in part.",
    ),
    "credit_none": Text("没有提供其他管理体系证书。", "No other certificates were given."),
    "certificate": Text("证书", "Certificate"),
    "valid_until": Text("有效期至", "Valid until"),
    "covered": Text("全部采信", "Covered wholly"),
    "partly": Text("部分采信", "In part"),
    "counts": Text("是否采信", "Counts"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
    "refused": Text("不采信的理由", "Not credited because"),
    "to_confirm": Text("须确认", "To be confirmed"),
    "findings": Text("审核发现", "Findings"),
    "search": Text("搜索（中文或英文）", "Search (Chinese or English)"),
    "reset": Text("清除筛选", "Clear filters"),
    "open_all": Text("展开所列", "Open all listed"),
    "close_all": Text("全部收起", "Close all"),
    "shown": Text("已列出", "listed"),
    "more": Text("继续列出", "List more"),
    "nothing": Text("没有符合筛选条件的审核发现。", "No finding matches the filters."),
    "grade": Text("分级", "Grade"),
    "evidence": Text("证据", "Evidence"),
    "no_evidence": Text("此要求不读取任何证据项。", "This requirement reads no evidence."),
    "source": Text("来源", "source"),
    "collected": Text("采集于", "collected"),
    "verified_by": Text("核实人", "verified by"),
    "note": Text("备注", "note"),
    "usual": Text("通常的证据", "Usual evidence"),
    "verification": Text("如何核实", "How to verify"),
    "examine": Text("查阅", "Examine"),
    "interview": Text("询问", "Interview"),
    "sample": Text("抽样", "Sample"),
    "crosswalk": Text("标准对照", "Crosswalk"),
    "strength": Text("关联强度", "strength"),
    "provenance": Text("依据", "Provenance"),
    "prerequisites": Text("先决要求", "Prerequisites"),
    "unmet": Text("尚未符合", "not yet conforming"),
    "link": Text("本条链接", "Link to this finding"),
    "printed": Text(
        "打印件逐条展开不符合、待定和删减的要求；符合和不适用的要求各列一行。",
        "In print, nonconforming, undetermined and excluded requirements are given in full; the others take one line each.",
    ),
    "total": Text("合计", "Total"),
    "standard_hash": Text("标准校验值", "Hash of the standard"),
}


def left_out(count: int) -> Text:
    """Return the sentence that says how many requirements the picture leaves out."""
    return Text(
        f"图中未画出另外 {count} 项；全部见下表和审核发现。",
        f"{count} more are not drawn; the table below and the findings have them all.",
    )
