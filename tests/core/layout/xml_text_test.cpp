#include <core/layout/xml_text.h>

#include <gtest/gtest.h>

namespace lathe::layout {

TEST(XmlText, EscapesMarkup) {
    EXPECT_EQ(xmlText(""), "");
    EXPECT_EQ(xmlText("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
    EXPECT_EQ(xmlText("½‖θ−θ̂‖² → 中文"), "½‖θ−θ̂‖² → 中文");
}

TEST(XmlText, WhatXmlForbidsIsReplaced) {
    EXPECT_EQ(xmlText(std::string_view("a\0b", 3)), "a\xEF\xBF\xBD"
                                                    "b");
    EXPECT_EQ(xmlText("\x1B\x7F"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(xmlText("tab\tline\n"), "tab\tline\n");
}

TEST(XmlText, BytesThatAreNotUtf8) {
    const std::string replaced = "\xEF\xBF\xBD";
    EXPECT_EQ(xmlText("\xFF"), replaced);
    EXPECT_EQ(xmlText("\xC3"), replaced) << "cut off";
    EXPECT_EQ(xmlText("a\x80z"), "a" + replaced + "z");
    EXPECT_EQ(xmlText("\xC0\xBC").find('<'), std::string::npos) << "an overlong '<'";
    EXPECT_EQ(xmlText("\xED\xA0\x80").find("\xED\xA0"), std::string::npos) << "a surrogate";
}

} // namespace lathe::layout
