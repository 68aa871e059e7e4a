#include <views/models/model_signature.h>

#include <core/graph/batch_axis.h>
#include <views/models/text.h>

namespace lathe::views {

InputSignature readSignature(const std::string& signature) {
    InputSignature input;
    QString rest = toQt(signature);
    const qsizetype bracket = rest.lastIndexOf(u'[');
    if (bracket >= 0 && rest.endsWith(u']')) {
        input.isShapeKnown = true;
        const QString inner = rest.mid(bracket + 1, rest.size() - bracket - 2);
        if (!inner.isEmpty()) input.sizes = inner.split(u',');
        rest.truncate(bracket);
    }
    const qsizetype colon = rest.lastIndexOf(QStringLiteral(": "));
    input.name = colon < 0 ? rest : rest.left(colon);
    if (colon >= 0) input.dtype = rest.mid(colon + 2);
    return input;
}

QString InputSignature::sizeName(int dimension) const {
    const QString size = sizes.value(dimension);
    bool isFixed = false;
    (void)size.toLongLong(&isFixed);
    if (isFixed) return {};
    return size == QLatin1String("?") ? QStringLiteral("%1.%2").arg(name).arg(dimension) : size;
}

int InputSignature::batchDimension() const {
    std::vector<graph::Dim> shape;
    for (const QString& size : sizes)
        shape.push_back({-1, toStd(size)});
    return static_cast<int>(graph::namedBatchAxis(shape).value_or(0));
}

} // namespace lathe::views
