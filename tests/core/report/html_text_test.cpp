#include <core/report/html_text.h>

#include <gtest/gtest.h>

namespace lathe::report {

TEST(HtmlText, EverythingThatIsTextIsEscaped) {
    const std::string bad = "<img src=x onerror=alert(1)>";
    for (const std::string& html : {textCell(bad).html, numberCell(bad).html, table({bad}, {{textCell(bad)}}), heading(2, bad),
                                    paragraph(bad), badge(bad, "plain"), details(bad, ""), page(bad, "")}) {
        EXPECT_EQ(html.find("<img"), std::string::npos) << html;
        EXPECT_NE(html.find("&lt;img"), std::string::npos) << html;
    }
}

TEST(HtmlText, TableAlignsNumbersAndTheirHeader) {
    const std::string html = table({"Name", "Time"}, {{textCell("a"), numberCell("1")}, {textCell("b")}});
    EXPECT_NE(html.find("<th scope=\"col\" class=\"number\">Time</th>"), std::string::npos);
    EXPECT_NE(html.find("<td class=\"number\">1</td>"), std::string::npos);
    EXPECT_NE(html.find("<th scope=\"row\">b</th></tr>"), std::string::npos);
}

TEST(HtmlText, PageForbidsEverythingFromOutside) {
    const std::string html = page("t", "<p>body</p>");
    EXPECT_TRUE(html.starts_with("<!DOCTYPE html>"));
    EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
    for (const char* outside : {"http://", "https://", "url(", "@import", "<script", "<link"})
        EXPECT_EQ(html.find(outside), std::string::npos) << outside;
}

} // namespace lathe::report
