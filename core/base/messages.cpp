#include <core/base/message.h>
#include <core/base/translatable.h>

namespace lathe::base {

// The sentences of core that the window translates: one row each, named by its place and what it says. The arguments stand in braces.
// Where a sentence is told as one of several of the same kind, each has a code: "1 layer", "2 layers".
const std::vector<MessageSentence>& messageSentences() {
    // NOLINTBEGIN(bugprone-suspicious-missing-comma): some are longer than a line
    static const std::vector<MessageSentence> sentences = {

        // Notes on steps
        {"quantize.weightIsComputed", translatable("Message", "\"{layer}\" is not quantized: its weight is computed in the model.")},
        {"quantize.alreadyQuantized", translatable("Message", "\"{layer}\" is already quantized.")},
        {"quantize.keptInBranch", translatable("Message", "\"{layer}\" is kept in float: it stands in a branch or loop.")},
        {"quantize.keptInFloat", translatable("Message", "\"{layer}\" is kept in float.")},
        {"quantize.sharesWeight", translatable("Message", "\"{layer}\" shares a weight that is already quantized.")},
        {"quantize.dynamicIsForLinear", translatable("Message", "\"{layer}\" stays float: dynamic quantization is for linear layers.")},
        {"quantize.otherWeights",
         translatable(
             "Message",
             "\"{layer}\" ({op}) keeps its {weights} weights in float: this step is for convolutions, linear layers and embeddings.")},
        {"quantize.recurrentWeights",
         translatable("Message", "\"{layer}\" stores its weights as integers, which makes the file smaller, and computes in float.")},
        {"prune.otherWeights",
         translatable("Message", "\"{layer}\" ({op}) keeps its {weights} weights: pruning is for convolutions and linear layers.")},
        {"quantize.sevenBits", translatable("Message", "Activations use 7 bits (0..127): this CPU has no VNNI.")},
        {"prune.skipped", translatable("Message", "\"{layer}\" is skipped.")},
        {"quantize.staticIsForLayers",
         translatable("Message", "\"{layer}\" stays float: static quantization is for convolutions and linear layers.")},
        {"quantize.writtenInput",
         translatable("Message", "\"{layer}\" reads numbers in float: the tensor that it reads is written into after it was made.")},
        {"prune.keepsWeights", translatable("Message", "\"{layer}\" keeps all its weights: none of them is among those that go.")},
        {"prune.weightsAreZero", translatable("Message", "\"{layer}\" stays as it is: the weights that go are zero already.")},
        {"prune.partStaysDense",
         translatable("Message", "\"{layer}\" keeps {dense} of its {weights} weights dense: they fill no whole group of {pattern}.")},
        {"prune.zerosAreNotFaster",
         translatable("Message", "Zeros do not make the model faster; they make .pt and .pt2 files smaller, not those of ONNX.")},
        {"prune.noActivations", translatable("Message", "There are no real samples: weights are judged by their magnitude.")},
        {"prune.byMagnitude", translatable("Message", "\"{layer}\" is pruned by magnitude: what it reads is not known.")},
        {"prune.tooWideForSparseGpt",
         translatable("Message", "\"{layer}\" is pruned by Wanda: it reads too many numbers at once for SparseGPT.")},
        {"prune.keepsChannel", translatable("Message", "\"{layer}\" keeps its {channels} channel: {reason}.")},
        {"prune.keepsChannels", translatable("Message", "\"{layer}\" keeps its {channels} channels: {reason}.")},
        {"prune.keepsSomeChannels", translatable("Message", "\"{layer}\" keeps {kept} of {channels} channels: {reason}.")},
        {"prune.coupledWithSkipped", translatable("Message", "it is coupled with \"{layer}\", which is skipped")},
        {"prune.coupledWithRatio", translatable("Message", "it is coupled with \"{layer}\", whose ratio is {ratio}")},
        {"prune.ratioIsZero", translatable("Message", "its ratio is 0 %")},
        {"prune.needsOneChannel", translatable("Message", "no layer can do without any")},
        {"prune.roundedUp", translatable("Message", "their number is rounded up to a multiple of {multiple}")},
        {"prune.isProtected", translatable("Message", "at least {minimum} channels of each layer stay")},
        {"prune.othersMatterLess", translatable("Message", "channels of other layers matter less")},
        {"prune.noBatchNorm", translatable("Message", "no batch norm scales them")},
        {"prune.noActivity", translatable("Message", "no layer was seen to read them")},
        {"prune.chosenWhenRun",
         translatable("Message", "Which channels go is found with data when the recipe runs: what is shown goes by the L2 norms.")},
        {"prune.randomData", translatable("Message", "Channels were chosen with random input: that means nothing for real data.")},
        {"prune.parametersOutOfReach",
         translatable("Message", "{ratio} of the parameters cannot go: {left} are left when all channels are removed that may be.")},
        {"prune.macsOutOfReach",
         translatable("Message", "{ratio} of the MACs cannot go: {left} are left when all channels are removed that may be.")},
        {"prune.partOfAnother", translatable("Message", "only a part of the channels of another layer would go with it")},
        {"where.leavesOut", translatable("Message", "The rule of the step leaves {layers} of {all} layers out.")},
        {"where.noLayerFitsNearest", translatable("Message", "no layer fits \"{pattern}\"; nearest: \"{nearest}\"")},
        {"where.noLayerFits", translatable("Message", "no layer fits \"{pattern}\"")},
        {"where.leavesAllOut", translatable("Message", "\"where\" leaves every layer out")},
        {"where.leavesLayerOut", translatable("Message", "The rule of the step leaves \"{layer}\" out.")},
        {"where.inStep", translatable("Message", "{problem} (step {number} ({op}))")},
        {"prune.shapesUnknown", translatable("Message", "the shapes of \"{node}\" are not known")},
        {"prune.shapeUnknown", translatable("Message", "the shape of \"{node}\" is not known")},
        {"prune.isOutput", translatable("Message", "\"{node}\" is an output of the model")},
        {"prune.isInput", translatable("Message", "\"{node}\" is an input of the model")},
        {"prune.isQuantized", translatable("Message", "\"{node}\" is already quantized")},
        {"prune.isUsedTwice", translatable("Message", "\"{node}\" is used in several places")},
        {"prune.isGrouped", translatable("Message", "\"{node}\" is a grouped convolution")},
        {"prune.sumsChannels", translatable("Message", "\"{node}\" sums over the channels")},
        {"prune.spreadsChannels", translatable("Message", "\"{node}\" spreads the channels over several dimensions")},
        {"prune.picksChannel", translatable("Message", "\"{node}\" picks single channels")},
        {"prune.mayMix", translatable("Message", "\"{node}\" ({op}) may mix channels")},
        {"prune.weightIsComputed", translatable("Message", "the weight of \"{node}\" is computed in the model")},
        {"prune.coupledThrough", translatable("Message", "channels are coupled through \"{node}\"")},
        {"prune.shapeDoesNotFit", translatable("Message", "the shape of \"{node}\" does not fit its channels")},
        {"prune.weightDoesNotFit", translatable("Message", "\"{weight}\" does not fit the channels of \"{node}\"")},
        {"prune.aWeightIsComputed", translatable("Message", "a weight of \"{node}\" is computed in the model")},
        {"prune.channelsMeet", translatable("Message", "different channels meet in \"{node}\"")},

        // Notes on exports
        {"export.sizeIsFixed",
         translatable("Message", "Dimension {axis} of the input \"{input}\" is fixed to {size} in the file: the model "
                                 "leaves it free, but cannot be written with another size.")},

        // Why outputs were not compared
        {"quality.otherShapes",
         translatable("Message", "How far the outputs are from the original's is not measured: in the batch from test sample {sample} on, "
                                 "output {output} has the shape {after}, and the original's {before}.")},
        {"quality.otherOutputs",
         translatable("Message", "How far the outputs are from the original's is not measured: there are {after}, and "
                                 "the original has {before}.")},

        // Steps that changed nothing
        {"prune.nothingWithoutShapes",
         translatable("Message", "No channel was removed: the shapes of the model are not known. Choose data, so that Lathe can "
                                 "find them.")},
        {"factorize.weightIsComputed", translatable("Message", "\"{layer}\" stays as it is: its weight is computed in the model.")},
        {"factorize.standsInBranch", translatable("Message", "\"{layer}\" stays as it is: it stands in a branch or loop.")},
        {"factorize.sharesWeight", translatable("Message", "\"{layer}\" stays as it is: its weight is used in several places.")},
        {"factorize.geometryIsComputed",
         translatable("Message", "\"{layer}\" stays as it is: its stride or padding is computed in the model.")},
        {"factorize.kernelHasOneSide", translatable("Message", "\"{layer}\" stays as it is: its kernel has no two sides to separate.")},
        {"factorize.wouldGrow",
         translatable("Message", "\"{layer}\" stays as it is: with rank {rank} its {before} weights would be {after}.")},
        {"factorize.macsUnknown", translatable("Message", "\"{layer}\": its MACs are not known without shapes; its parameters count.")},
        {"factorize.otherWeights",
         translatable("Message", "\"{layer}\" ({op}) keeps its {weights} weights: factorizing is for convolutions and linear layers.")},
        {"factorize.noActivations",
         translatable("Message", "There are no real samples: the error of the weights counts instead of that of the outputs.")},
        {"factorize.noLayer", translatable("Message", "No layer was factorized.")},
        {"prune.noChannel", translatable("Message", "No channel was removed.")},
        {"prune.noWeight", translatable("Message", "No weight was set to zero.")},
        {"quantize.noLayer", translatable("Message", "No layer was quantized.")},
        {"fuse.nothingToFold",
         translatable("Message", "Nothing to fold: no batch normalization stands directly behind a convolution or linear layer "
                                 "of its own.")},
        {"fuse.noConvolution", translatable("Message", "Nothing to fuse: no ReLU stands directly behind a convolution of its own.")},
        {"fuse.noLinear", translatable("Message", "Nothing to fuse: no ReLU stands directly behind a linear layer of its own.")},
        {"clean.nothingToCompute", translatable("Message", "Nothing to compute: every operator depends on the input.")},
        {"clean.nothingToRemove", translatable("Message", "Nothing to remove: every operator is needed.")},
        {"train.rateIsZero", translatable("Message", "Nothing is trained: the learning rate is 0.")},
        {"recover.noBatchNorm", translatable("Message", "Nothing to re-estimate: the model has no batch normalization.")},
        {"recover.noBias", translatable("Message", "No bias was moved: none has a counterpart in the original model.")},
        {"recover.otherChannels",
         translatable("Message", "\"{layer}\" keeps its bias: which of the original's channels it has cannot be told.")},
        {"recover.noGain",
         translatable("Message", "\"{layer}\" keeps its bias: the right mean would take the outputs farther from the original's.")},
        {"recover.noMeanKnown",
         translatable("Message", "\"{layer}\" keeps its bias: no batch norm in front of it tells the mean of its input.")},
        {"recover.randomData", translatable("Message", "The means were taken from random input: they mean nothing for real data.")},
        {"train.patienceNeedsValidation",
         translatable("Message", "Training never stops early: no samples are set aside to see when it should.")},
        {"train.noParameters", translatable("Message", "The model has no parameters to train.")},
        {"quantize.randomRanges",
         translatable("Message", "The ranges of activations were found with random input: they mean nothing for real data.")},
        {"clean.computedWhenRun", translatable("Message", "Constants are computed when the recipe runs.")},
        {"train.keptBest", translatable("Message", "Kept the weights of epoch {epoch}, the best on the samples that were set aside.")},
        {"train.stoppedEarly", translatable("Message", "Stopped after {epoch} of {epochs} epochs.")},
        {"train.continued", translatable("Message", "Continued after epoch {epoch} of an interrupted run.")},
        {"train.takenOver", translatable("Message", "Taken over from an earlier run of the same step.")},
        {"clean.cannotCompute", translatable("Message", "\"{node}\" cannot be computed ahead: {reason}")},

        // Notes on files
        {"file.schemaVersion", translatable("Message", "The file has schema version {version}; Lathe knows {known}.")},
        {"file.sizeBetween", translatable("Message", "The size {size} is at least {least} and at most {most}.")},
        {"file.sizeAtLeast", translatable("Message", "The size {size} is at least {least}.")},
        {"file.nameIsCut",
         translatable("Message", "{names} name has more than {bytes} bytes and is cut; the numbers behind them keep them apart.")},
        {"file.namesAreCut",
         translatable("Message", "{names} names have more than {bytes} bytes and are cut; the numbers behind them keep them "
                                 "apart.")},
        {"file.layerIsQuantized",
         translatable("Message", "The model is quantized already: {layers} of {all} layer has integer weights. Quantization "
                                 "steps leave these as they are; open the float model to quantize it in another way.")},
        {"file.layersAreQuantized",
         translatable("Message", "The model is quantized already: {layers} of {all} layers have integer weights. Quantization "
                                 "steps leave these as they are; open the float model to quantize it in another way.")},
        {"file.keepsState",
         translatable("Message", "The model keeps state from call to call ({names}). Here each sample begins with the state in "
                                 "the file; exported models keep it as the original does.")},
        {"file.dictionaryInput", translatable("Message", "The input \"{input}\" is a dictionary: its entries are the inputs {inputs}.")},
        {"file.sequenceInput", translatable("Message", "The input \"{input}\" is a list: its elements are the inputs {inputs}.")},
        {"file.listInput",
         translatable("Message", "The input \"{input}\" is a list of samples: each call has one, as a tensor with a batch of 1.")},

        // Why a kernel
        {"kernel.noneTakesValue", translatable("Message", "no integer kernel takes this value")},
        {"kernel.weightsOnly", translatable("Message", "only the weights are quantized: they are restored once, the arithmetic is float")},
        {"kernel.weightsAreFloat", translatable("Message", "its weights are not quantized: the arithmetic is float")},
        {"kernel.noneForOperator", translatable("Message", "no integer kernel for {operator}: the arithmetic is float")},
        {"kernel.otherForm",
         translatable("Message", "its quantization is not of a form that integer kernels have: the arithmetic is float")},
        {"kernel.restoredOnce", translatable("Message", "the weight is restored once, when the plan is made")},
        {"kernel.couldSaturate", translatable("Message", "FBGEMM's 16-bit sums could saturate on this CPU")},
        {"kernel.refusedLayer", translatable("Message", "{reason}: the arithmetic is float")},
        {"kernel.tokensOfImage", translatable("Message", "a convolution has no range for each token")},
        {"kernel.weightForm", translatable("Message", "its weights are no bytes with a scale for all or for each output channel")},
        {"kernel.sumsTooLarge", translatable("Message", "the sums of its products could leave 32 bits")},
        {"kernel.geometryComputed", translatable("Message", "its stride, padding, dilation or groups are computed in the model")},
        {"kernel.biasForm", translatable("Message", "its bias is no float32 weight")},
        {"kernel.training", translatable("Message", "training runs in float")},
        {"kernel.simulationAsked", translatable("Message", "simulation was asked for")},
        {"kernel.cpuOnly", translatable("Message", "integer kernels run on the CPU only")},
        {"kernel.insteadOf", translatable("Message", "instead of {kernel}: {reason}")},
        {"kernel.alsoInsteadOf", translatable("Message", "{before}; instead of {kernel}: {reason}")},
        {"kernel.slowerAsARule", translatable("Message", "slower as a rule")},
        {"kernel.measuredSlower", translatable("Message", "measured slower: {microseconds} µs against {best} µs")},
        {"kernel.notMeasured", translatable("Message", "nobody has measured it")},
        {"kernel.notDepthwise", translatable("Message", "the channels do not stand alone (groups: {groups})")},
        {"kernel.noRangeOfInput", translatable("Message", "it cannot choose the range of each input")},
        {"kernel.addsNothing", translatable("Message", "it cannot add another branch")},
        {"kernel.reluOnly", translatable("Message", "of activations it has ReLU only")},
        {"kernel.symmetricOnly", translatable("Message", "it wants signed weights without zero points")},
        {"kernel.bytesOnly", translatable("Message", "it gives bytes only, no floats")},
        {"kernel.noVnni", translatable("Message", "this CPU has no VNNI: sums of 16-bit products are exact and as fast")},

        // Speed
        {"speed.floatPlan", translatable("Message", "Lathe's FP32 plan")},
        {"speed.planOfOriginal", translatable("Message", "Lathe's plan of the original")},
        {"speed.otherPrograms",
         translatable("Message", "{disturbed} of {calls} calls were disturbed by other programs ({cores} cores busy).")},
        {"speed.otherMachines",
         translatable("Message", "{disturbed} of {calls} calls were disturbed by other machines on the same host ({share} % of "
                                 "the CPU time was stolen).")},
        {"speed.heat", translatable("Message", "{disturbed} of {calls} calls were disturbed by heat: the processor was slowed down.")},
        {"speed.disturbed", translatable("Message", "{disturbed} of {calls} calls were disturbed.")},

        // Data sets
        {"data.fashionMnist", translatable("Message", "Fashion-MNIST: 60 000 training and 10 000 test pictures of clothes, ten classes")},
        {"data.fashionMnistSmall",
         translatable("Message", "Fashion-MNIST subset: 3 000 training and 1 000 test pictures, shipped with Lathe")},
        {"data.random", translatable("Message", "Random input: for everything but accuracy, when there is no data")},

        // What a judge of an export found
        {"judge.otherShape", translatable("Message", "Its outputs have shape {shape}, not {expected}.")},
        {"judge.notNumbers", translatable("Message", "Some of its outputs are not numbers (NaN or infinity).")},
        {"export.addedAsFloat",
         translatable("Message", "Layers that run in float in ONNX Runtime and PyTorch because their results are added as float: "
                                 "{layers}. Set the residual branches to \"Integer (exports)\" to run them in integers.")},
        {"export.couldSaturate",
         translatable("Message", "This CPU has no VNNI: integer kernels of PyTorch and ONNX Runtime saturate on 8-bit "
                                 "activations. Set the integer range to \"Reduced (7 bits)\" or \"Automatic\" to keep them exact.")},
    };
    // NOLINTEND(bugprone-suspicious-missing-comma)
    return sentences;
}

} // namespace lathe::base
