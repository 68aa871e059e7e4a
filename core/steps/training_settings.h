#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <core/steps/training_curve.h>

namespace lathe::steps {

enum class Optimizer {
    Sgd,   ///< with momentum, as torch.optim.SGD
    AdamW, ///< Loshchilov, Hutter 2019 (arXiv:1711.05101), as torch.optim.AdamW
    Lamb,  ///< You et al. 2020 (arXiv:1904.00962): Adam's step, as long as the weights of its layer are
};

/// How the learning rate goes over the whole training, behind the warm-up.
enum class Schedule {
    Constant,
    Step,     ///< a tenth from the half on, a hundredth from three quarters on (He et al. 2016, arXiv:1512.03385)
    Cosine,   ///< half a cosine down to 0 (Loshchilov, Hutter 2017, arXiv:1608.03983)
    OneCycle, ///< from 1/25 up to the learning rate, then down to a 250 000th (Smith, Topin 2018, arXiv:1708.07120)
};

/// What is made small. Auto, by what the labels are: cross-entropy of classes (of samples, tokens, pixels), binary cross-entropy of yes and
/// no, squared error of numbers.
enum class Loss {
    Auto,
    Huber, ///< of numbers: squared up to 1, then straight
    Dice,  ///< of maps of classes: 1 − the mean overlap (Milletari et al. 2016, arXiv:1606.04797)
};

/// What the model computes with while it is trained. Weights, gradients, optimizer, loss and teacher are float32 in either.
enum class Precision {
    Float32,
    BFloat16, ///< convolutions, linear layers and products, as torch.autocast has it
};

enum class BatchNorm {
    Frozen, ///< normalizes by its stored statistics, as in use
    Batch,  ///< normalizes by those of the batch, and stores their running mean
};

/// What is done to training samples, anew in each epoch.
struct Augmentation {
    bool flip = false; ///< every second sample, at random, is mirrored along its last dimension
    std::int64_t shift =
        0;            ///< images are moved by up to so many pixels in both directions, sequences of numbers along the last; zeros follow
    double noise = 0; ///< normal, of this share of the batch's standard deviation
    double mixup = 0; ///< Zhang et al. 2018 (arXiv:1710.09412): α of the share in which two samples and their labels are mixed
    double tokenDropout = 0; ///< this share of the tokens is replaced by ones of other samples at the same place
    bool operator==(const Augmentation&) const = default;
};

/// What is learned from the outputs of the original model.
enum class OutputLoss {
    Auto,       ///< Divergence of classes and of yes and no, else Difference
    Divergence, ///< Kullback-Leibler at a temperature, times its square (Hinton et al. 2015, arXiv:1503.02531)
    Difference, ///< mean squared
};

/// What is learned from its layers in between.
enum class FeatureLoss {
    None,
    FitNets,    ///< mean squared difference behind a linear map that is learned (Romero et al. 2015, arXiv:1412.6550)
    Attention,  ///< where channels are large (Zagoruyko, Komodakis 2017, arXiv:1612.03928)
    Similarity, ///< which samples of the batch resemble each other (Tung, Mori 2019, arXiv:1907.09682)
};

/// loss = (1 − weight) · that of the labels + weight · that of the outputs + featureWeight · that of the layers.
struct Distillation {
    double weight = 0; ///< 0 to 1; 0 and no features: there is no teacher. 1: labels are not needed
    double temperature = 4;
    OutputLoss outputs = OutputLoss::Auto;
    FeatureLoss features = FeatureLoss::None;
    double featureWeight = 1;
    std::string teacherFile = {}; ///< a model file; "": the teacher is the original model of the recipe
    [[nodiscard]] bool isOn() const { return weight > 0 || features != FeatureLoss::None; }
    bool operator==(const Distillation&) const = default;
};

/// How long and how a step trains.
struct TrainingSettings {
    int epochs = 10;
    double learningRate = 0.001;
    double momentum = 0.9; ///< of AdamW and LAMB the first beta (the second is 0.999)
    double weightDecay = 0;
    std::int64_t batchSize = 32;
    std::int64_t maxSamples = 0; ///< of the training split; 0: all
    Precision precision = Precision::Float32;
    Optimizer optimizer = Optimizer::Sgd;
    bool nesterov = false; ///< SGD only
    Schedule schedule = Schedule::Constant;
    double warmUp = 0; ///< share of the training in which the rate rises linearly from 0; OneCycle: in which it rises (0: 0.3)
    Loss loss = Loss::Auto;
    double labelSmoothing = 0;             ///< of classes and of yes and no
    bool balancesClasses = false;          ///< each class counts as if all were equally frequent
    std::vector<double> classWeights = {}; ///< one for each class, or for yes against no in each column; empty: all the same
    double clipNorm = 0;                   ///< gradients together are at most so long; 0: as they are
    std::int64_t accumulate = 1;           ///< batches to a step
    double ema = 0;                        ///< how much of the moving average of the weights stays in each step; 0: there is none
    BatchNorm batchNorm = BatchNorm::Frozen;
    Augmentation augmentation = {};
    double validation =
        0;            ///< share of the training samples that is set aside; the weights of the epoch that is best on it are kept. 0: none
    int patience = 0; ///< epochs without a better one after which training stops; 0: never. Needs `validation`
    Distillation distillation = {};
    std::vector<std::string> frozen = {}; ///< names of weights that stay
    bool operator==(const TrainingSettings&) const = default;
};

struct TrainingReport {
    TrainingCurve curve;
    int firstEpoch = 0; ///< > 0 when an interrupted training was continued
    int bestEpoch = 0;  ///< 1-based; the one whose weights were kept, 0: those of the last
    double seconds = 0;
};

} // namespace lathe::steps
