#include <views/models/text_ranks.h>

#include <algorithm>
#include <map>
#include <random>

#include <QTest>

using namespace lathe::views;

class TextRanksTest : public QObject {
    Q_OBJECT

    /// Slow and obvious.
    static std::vector<int> reference(const std::vector<QString>& texts) {
        std::map<QString, int> sorted;
        for (const QString& text : texts)
            sorted.emplace(text, 0);
        int rank = 0;
        for (auto& [text, place] : sorted)
            place = rank++;
        std::vector<int> ranks;
        for (const QString& text : texts)
            ranks.push_back(sorted[text]);
        return ranks;
    }

private slots:
    void isTheOrderOfTexts_data() {
        QTest::addColumn<QStringList>("texts");
        QTest::newRow("none") << QStringList();
        QTest::newRow("one") << QStringList{QStringLiteral("a")};
        QTest::newRow("empty ones") << QStringList{QString(), QStringLiteral(""), QStringLiteral("a")};
        QTest::newRow("equal") << QStringList{QStringLiteral("lenet5"), QStringLiteral("lenet5"), QStringLiteral("lenet")};
        QTest::newRow("one begins another") << QStringList{QStringLiteral("abcde"), QStringLiteral("abcd"), QStringLiteral("abcdefgh"),
                                                           QStringLiteral("abc")};
        QTest::newRow("not ASCII") << QStringList{QStringLiteral("é"), QStringLiteral("z"), QStringLiteral("运行"), QStringLiteral("→")};
    }
    void isTheOrderOfTexts() {
        QFETCH(QStringList, texts);
        const std::vector<QString> list(texts.begin(), texts.end());
        QCOMPARE(textRanks(list), reference(list));
    }
    void alsoOfManyThatBeginAlike() {
        std::mt19937 random(1);
        std::vector<QString> texts;
        for (int number = 0; number < 3000; ++number) {
            QString text = QStringLiteral("lenet5 · fuse → int8 · ");
            for (unsigned letter = random() % 6; letter > 0; --letter)
                text += QChar(static_cast<char16_t>('a' + random() % 3));
            texts.push_back(text);
        }
        QCOMPARE(textRanks(texts), reference(texts));
    }
};

QTEST_GUILESS_MAIN(TextRanksTest)
#include "text_ranks_test.moc"
