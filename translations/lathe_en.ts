<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>HistoryPanel</name>
    <message numerus="yes">
        <source>Delete %n run(s) from the history?</source>
        <translation>
            <numerusform>Delete %n run from the history?</numerusform>
            <numerusform>Delete %n runs from the history?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>InspectorPanel</name>
    <message numerus="yes">
        <source>%n layers</source>
        <translation>
            <numerusform>%n layer</numerusform>
            <numerusform>%n layers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LayerInspector</name>
    <message numerus="yes">
        <source>Marked: the %n numbers of its codebook</source>
        <translation>
            <numerusform>Marked: the one number of its codebook</numerusform>
            <numerusform>Marked: the %n numbers of its codebook</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It has %n codebooks</source>
        <translation>
            <numerusform>It has %n codebook</numerusform>
            <numerusform>It has %n codebooks</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>NodeItem</name>
    <message numerus="yes">
        <source>%n nodes</source>
        <comment>inside a module</comment>
        <extracomment>In a node of the graph that stands for a closed module: what is inside</extracomment>
        <translation>
            <numerusform>%n node</numerusform>
            <numerusform>%n nodes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n layers</source>
        <comment>inside a module</comment>
        <extracomment>In a node of the graph that stands for a closed module: what of the nodes inside are layers</extracomment>
        <translation>
            <numerusform>%n layer</numerusform>
            <numerusform>%n layers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RecipeCommands</name>
    <message numerus="yes">
        <source>change %1 of %n layers</source>
        <translation>
            <numerusform>change %1 of %n layer</numerusform>
            <numerusform>change %1 of %n layers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RecipePanel</name>
    <message numerus="yes">
        <source>(%n more)</source>
        <extracomment>Behind a sentence on a layer: as many others of its kind are in the inspector</extracomment>
        <translation>
            <numerusform>(%n more)</numerusform>
            <numerusform>(%n more)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunScopes</name>
    <message numerus="yes">
        <source>%n thread(s)</source>
        <translation>
            <numerusform>%n thread</numerusform>
            <numerusform>%n threads</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StepText</name>
    <message numerus="yes">
        <source>%n epochs</source>
        <translation>
            <numerusform>%n epoch</numerusform>
            <numerusform>%n epochs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n samples</source>
        <translation>
            <numerusform>%n sample</numerusform>
            <numerusform>%n samples</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n left out</source>
        <translation>
            <numerusform>%n left out</numerusform>
            <numerusform>%n left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more layers</source>
        <translation>
            <numerusform>%n more layer</numerusform>
            <numerusform>%n more layers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n bits</source>
        <translation>
            <numerusform>%n bit</numerusform>
            <numerusform>%n bits</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message numerus="yes">
        <source>CPU · %n threads</source>
        <translation>
            <numerusform>CPU · %n thread</numerusform>
            <numerusform>CPU · %n threads</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>WhereEditor</name>
    <message numerus="yes">
        <source>%1 of %n layers</source>
        <translation>
            <numerusform>%1 of %n layer</numerusform>
            <numerusform>%1 of %n layers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lathe::views::NumberText</name>
    <message numerus="yes">
        <source>≥ %1, %n layers unknown</source>
        <extracomment>%1 is a number of multiply-accumulates, which is only a part of all: the shapes of some layers are not known</extracomment>
        <translation>
            <numerusform>≥ %1, %n layer unknown</numerusform>
            <numerusform>≥ %1, %n layers unknown</numerusform>
        </translation>
    </message>
</context>
</TS>
