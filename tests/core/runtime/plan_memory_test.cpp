#include <core/runtime/plan_memory_torch.h>

#include <thread>

#include <gtest/gtest.h>

#include <tests/core/runtime/quantized_graphs.h>

namespace lathe::runtime::testing {
namespace {

constexpr at::MemoryFormat plain = at::MemoryFormat::Contiguous;

/// Calls of a hand-written "plan".
template<class Work>
void call(PlanMemory& memory, const at::Tensor& input, const Work& work) {
    const c10::InferenceMode inference;
    const std::vector<c10::IValue> inputs{input};
    PlanMemory::Call running(memory, inputs);
    work();
    running.succeeded();
}

bool isAlike(Plan& plan, const Graph& graph, const at::Tensor& input) {
    // Observed runs plan nothing.
    Plan other = compiled(graph);
    const std::vector<c10::IValue> inputs{input};
    const auto expected = other.runObserved(inputs, [](graph::ValueId, const at::Tensor&) {});
    return expected && at::equal(runOn(plan, input), expected->front().toTensor());
}

TEST(PlanMemory, PlacesWhatTheFirstCallAllocated) {
    PlanMemory memory;
    const at::Tensor input = at::ones({2});
    const void *first = nullptr, *third = nullptr;
    const auto work = [&] {
        at::Tensor one = at::empty({1000});
        first = one.const_data_ptr();
        at::Tensor two = emptyResult({1000}, at::kFloat, plain);
        one.reset();
        third = at::empty({900}).const_data_ptr();
        EXPECT_NE(two.const_data_ptr(), first);
    };
    call(memory, input, work);
    ASSERT_TRUE(memory.plannedBytes());
    EXPECT_GE(*memory.plannedBytes(), 8000u);
    EXPECT_LT(*memory.plannedBytes(), 8400u);
    call(memory, input, work);
    EXPECT_EQ(first, third);
    const void* const before = first;
    call(memory, input, work);
    EXPECT_EQ(first, before);
}

TEST(PlanMemory, WhatIsStillUsedIsNotOverwritten) {
    PlanMemory memory;
    const at::Tensor input = at::ones({2});
    at::Tensor kept, view;
    for (const bool keeps : {false, false, true, true, false, false, true}) {
        call(memory, input, [&] {
            at::Tensor one = at::ones({1000}), two = emptyResult({1000}, at::kFloat, plain).fill_(2);
            if (keeps) {
                kept = one;
                view = two.narrow(0, 10, 20);
            }
            one.reset();
            two.reset();
            at::Tensor three = emptyResult({1000}, at::kFloat, plain).fill_(3), four = at::full({1000}, 4.0F);
        });
        if (!keeps) continue;
        EXPECT_TRUE(at::equal(kept, at::ones({1000})));
        EXPECT_TRUE(at::equal(view, at::full({20}, 2.0F)));
    }
    call(memory, input, [&] { at::Tensor other = at::full({1000}, 5.0F); });
    EXPECT_TRUE(at::equal(kept, at::ones({1000})));
    EXPECT_TRUE(at::equal(view, at::full({20}, 2.0F)));
}

TEST(PlanMemory, CallsThatAllocateOtherwiseHaveTheHeap) {
    PlanMemory memory;
    const at::Tensor input = at::ones({2});
    for (int round = 0; round < 30; ++round) {
        call(memory, input, [&] {
            std::vector<at::Tensor> all;
            for (int index = 0; index <= round % 4; ++index) {
                all.push_back(at::full({100 + round % 3}, static_cast<float>(index)));
                all.push_back(emptyResult({10, 100 - round % 3}, at::kFloat, plain).fill_(-index));
                if (index % 2 == 1) all.erase(all.begin());
            }
            for (std::size_t index = 0; index < all.size(); ++index) {
                for (std::size_t other = 0; other < index; ++other)
                    EXPECT_NE(all[index].const_data_ptr(), all[other].const_data_ptr());
            }
        });
    }
    EXPECT_FALSE(memory.plannedBytes()); // it gave up
}

TEST(PlanMemory, AFailedCallTeachesNothing) {
    PlanMemory memory;
    const at::Tensor input = at::ones({2});
    const std::vector<c10::IValue> inputs{input};
    {
        const PlanMemory::Call running(memory, inputs);
        at::Tensor some = at::empty({100});
    }
    EXPECT_FALSE(memory.plannedBytes());
    call(memory, input, [] { at::Tensor some = at::empty({100}); });
    EXPECT_TRUE(memory.plannedBytes());
    {
        const PlanMemory::Call running(memory, inputs);
        at::Tensor some = at::empty({100});
    }
    EXPECT_TRUE(memory.plannedBytes());
}

TEST(PlanMemory, EachSizeHasItsOwn) {
    PlanMemory memory;
    const auto run = [&](std::int64_t size) {
        const at::Tensor input = at::ones({size});
        call(memory, input, [&] { at::Tensor some = input * 2; });
        return memory.plannedBytes();
    };
    const auto small = run(100), large = run(1000);
    EXPECT_LT(small, large);
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(run(100), small);
        EXPECT_EQ(run(1000), large);
    }
    for (std::int64_t size = 1; size < 20; ++size)
        run(size);
    EXPECT_EQ(run(100), small);
}

TEST(PlanMemory, ResultsOfTheLastCallAreTakenAgainWhenNobodyHasThem) {
    PlanMemory memory;
    const at::Tensor input = at::ones({2});
    at::Tensor result;
    const auto work = [&] { result = emptyResult({50}, at::kFloat, plain).fill_(1); };
    call(memory, input, work);
    call(memory, input, work);
    const at::Tensor held = result;
    call(memory, input, [&] { result = emptyResult({50}, at::kFloat, plain).fill_(2); });
    EXPECT_NE(held.const_data_ptr(), result.const_data_ptr());
    EXPECT_TRUE(at::equal(held, at::ones({50})));
    const void* const data = result.const_data_ptr();
    result.reset();
    call(memory, input, work);
    EXPECT_EQ(result.const_data_ptr(), data);
}

TEST(PlanMemory, ResultsThatWereChangedInPlaceAreMadeAnew) {
    PlanMemory memory;
    const at::Tensor input = at::ones({2});
    for (int round = 0; round < 4; ++round) {
        call(memory, input, [&] {
            at::Tensor some = emptyResult({6, 5}, at::kFloat, plain).fill_(1);
            EXPECT_EQ(some.sizes(), (at::IntArrayRef{6, 5}));
            some.t_();
            at::Tensor other = emptyResult({3}, at::kFloat, plain);
            other.resize_({400}).fill_(2);
            EXPECT_TRUE(at::equal(some, at::ones({5, 6})));
        });
    }
}

TEST(PlanMemory, KnowsWhatIsShared) {
    PlanMemory memory;
    const at::Tensor input = at::ones({2});
    at::Tensor handedOut;
    for (int round = 0; round < 3; ++round) {
        handedOut.reset();
        call(memory, input, [&] {
            at::Tensor some = emptyResult({6}, at::kFloat, plain);
            EXPECT_TRUE(isUnshared(some));
            const at::Tensor same = some;
            EXPECT_FALSE(isUnshared(some));
            at::Tensor viewed = emptyResult({6}, at::kFloat, plain);
            const at::Tensor view = viewed.narrow(0, 0, 2);
            EXPECT_FALSE(isUnshared(viewed));
            handedOut = emptyResult({6}, at::kFloat, plain);
            EXPECT_TRUE(isUnshared(handedOut));
            EXPECT_TRUE(isUnshared(at::empty({6})));
        });
    }
    EXPECT_TRUE(isUnshared(handedOut)); // but for the plan
    const at::Tensor same = handedOut;
    EXPECT_FALSE(isUnshared(handedOut));
}

TEST(PlanMemory, TensorsMayOutliveThePlan) {
    at::Tensor result, view;
    {
        PlanMemory memory;
        const at::Tensor input = at::ones({2});
        for (int round = 0; round < 2; ++round) {
            call(memory, input, [&] {
                at::Tensor some = emptyResult({1000}, at::kFloat, plain).fill_(7);
                result = emptyResult({1000}, at::kFloat, plain).fill_(8);
                if (round == 1) view = some.narrow(0, 0, 500);
            });
        }
    }
    EXPECT_TRUE(at::equal(view, at::full({500}, 7.0F)));
    EXPECT_TRUE(at::equal(result, at::full({1000}, 8.0F)));
}

TEST(PlanMemory, GivesTheBitsOfTheHeap) {
    at::manual_seed(1);
    for (const Graph& graph : {leNet(), quantizedLeNet()}) {
        Plan plan = compiled(graph);
        for (const std::int64_t batch : {1, 3, 3, 1, 1, 0, 2, 3})
            EXPECT_TRUE(isAlike(plan, graph, at::randn({batch, 1, 32, 32}))) << graph.name << ", batch " << batch;
    }
}

TEST(PlanMemory, OutputsStayAsTheyWere) {
    const Graph graph = quantizedLeNet();
    Plan plan = compiled(graph);
    std::vector<at::Tensor> inputs, outputs, copies;
    for (int round = 0; round < 5; ++round) {
        inputs.push_back(at::randn({2, 1, 32, 32}));
        outputs.push_back(runOn(plan, inputs.back()));
        copies.push_back(outputs.back().clone());
    }
    for (std::size_t round = 0; round < inputs.size(); ++round) {
        EXPECT_TRUE(at::equal(outputs[round], copies[round])) << round;
        EXPECT_TRUE(isAlike(plan, graph, inputs[round])) << round;
    }
}

TEST(PlanMemory, OutputsMayBeInputsAndViews) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto doubled = graph.addNode("aten::mul.Scalar", "double", {x, real(2)}).results[0];
    const auto view = addFlatten(graph, "flatten", doubled);
    const auto ofInput = addFlatten(graph, "flatten_input", x);
    const auto negative = graph.addNode("aten::neg", "negate", {view}).results[0];
    for (const auto output : {x, view, ofInput, graph.addNode("aten::abs", "absolute", {negative}).results[0]})
        graph.main.outputs.emplace_back(output);
    Plan plan = compiled(graph);
    std::vector<std::vector<c10::IValue>> kept;
    for (int round = 0; round < 4; ++round) {
        const at::Tensor input = at::randn({2, 3, 4});
        kept.push_back(runAll(plan, {input}));
    }
    for (const auto& outputs : kept) {
        const at::Tensor input = outputs[0].toTensor();
        EXPECT_TRUE(at::equal(outputs[1].toTensor(), (input * 2).flatten(1)));
        EXPECT_TRUE(at::equal(outputs[2].toTensor(), input.flatten(1)));
        EXPECT_TRUE(at::equal(outputs[3].toTensor(), (input * 2).flatten(1).abs()));
    }
}

TEST(PlanMemory, BranchesAndLoopsThatDifferFromCallToCall) {
    // if flag: y = −2x else: y = x; as often as n says: y = |y| + 1
    Graph graph;
    const auto x = graph.addInput("x"), flag = graph.addInput("flag", graph::TypeKind::Bool), n = graph.addInput("n", graph::TypeKind::Int);
    graph::Node& branch = graph.addNode(std::string(graph::op::ifElse), "branch", {flag});
    const auto y = branch.results[0];
    branch.blocks.resize(2);
    const auto inBlock = [&](const char* op, const char* name, std::vector<Operand> operands) {
        const auto result = graph.addResult(std::string(name) + ".result");
        graph::Node node;
        node.op = op;
        node.name = name;
        node.operands = std::move(operands);
        node.results = {result};
        return node;
    };
    graph::Node doubled = inBlock("aten::mul.Scalar", "double", {x, real(2)});
    graph::Node negative = inBlock("aten::neg", "negate", {doubled.results[0]});
    branch.blocks[0].outputs.emplace_back(negative.results[0]);
    branch.blocks[0].nodes = {doubled, negative};
    branch.blocks[1].outputs.emplace_back(x);
    graph::Node& loop = graph.addNode(std::string(graph::op::loop), "loop", {n, boolean(true), y});
    loop.blocks.resize(1);
    const auto trip = graph.addResult("trip", graph::TypeKind::Int), carried = graph.addResult("carried");
    graph::Node absolute = inBlock("aten::abs", "absolute", {carried});
    graph::Node more = inBlock("aten::add.Scalar", "more", {absolute.results[0], real(1), integer(1)});
    loop.blocks[0].inputs = {trip, carried};
    loop.blocks[0].outputs = {boolean(true), more.results[0]};
    loop.blocks[0].nodes = {absolute, more};
    const auto result = loop.results[0];
    graph.main.outputs = {y, result};
    Plan plan = compiled(graph);
    std::vector<std::vector<c10::IValue>> kept;
    std::vector<std::pair<at::Tensor, std::int64_t>> inputs;
    const auto isSet = [](std::size_t round) { return round % 5 < 2; };
    for (std::size_t round = 0; round < 40; ++round) {
        inputs.emplace_back(at::randn({100}), round < 20 ? round % 3 : round / 7);
        kept.push_back(runAll(plan, {inputs.back().first, isSet(round), inputs.back().second}));
        if (round > 3 && round % 2 == 0) kept[round - 2].clear();
    }
    for (std::size_t round = 0; round < kept.size(); ++round) {
        if (kept[round].empty()) continue;
        const auto& [input, trips] = inputs[round];
        const at::Tensor first = isSet(round) ? -(input * 2) : input;
        at::Tensor last = first;
        for (std::int64_t index = 0; index < trips; ++index)
            last = last.abs() + 1;
        EXPECT_TRUE(at::equal(kept[round][0].toTensor(), first)) << round;
        EXPECT_TRUE(at::equal(kept[round][1].toTensor(), last)) << round;
    }
}

TEST(PlanMemory, PlansRunAtOnceInSeveralThreads) {
    const Graph graph = quantizedLeNet();
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    const at::Tensor input = at::randn({4, 1, 32, 32});
    Plan reference = compiled(graph);
    const at::Tensor expected = runOn(reference, input);
    for (int index = 0; index < 4; ++index) {
        threads.emplace_back([&] {
            Plan plan = compiled(graph);
            at::Tensor last;
            for (int round = 0; round < 20; ++round) {
                at::Tensor output = runOn(plan, input);
                wrong += at::equal(output, expected) && (!last.defined() || at::equal(last, expected)) ? 0 : 1;
                if (round % 3 == 0) last = output;
            }
        });
    }
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(wrong, 0);
}

TEST(PlanMemory, TensorsMayBeFreedInAnotherThread) {
    const Graph graph = leNet();
    Plan plan = compiled(graph);
    const at::Tensor input = at::randn({4, 1, 32, 32});
    const at::Tensor expected = runOn(plan, input).clone();
    for (int round = 0; round < 10; ++round) {
        at::Tensor output = runOn(plan, input);
        EXPECT_TRUE(at::equal(output, expected));
        std::thread([taken = std::move(output)]() mutable { taken.reset(); }).join();
    }
}

} // namespace
} // namespace lathe::runtime::testing
