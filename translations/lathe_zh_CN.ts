<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Lathe</source>
        <translation>关于 Lathe</translation>
    </message>
    <message>
        <source>A workbench that makes neural networks cheaper to run</source>
        <translation>让神经网络运行成本更低的工作台</translation>
    </message>
    <message>
        <source>not started</source>
        <translation>未启动</translation>
    </message>
    <message>
        <source>Engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <source>The window is free software under the GNU General Public License, version 3 or later. The engine and the command line are under the Apache License 2.0. Lathe comes without any warranty, sends nothing over the network and collects nothing.</source>
        <translation>窗口程序是自由软件，采用 GNU 通用公共许可证第 3 版或更新版本；引擎和命令行采用 Apache 许可证 2.0。Lathe 不提供任何担保，不通过网络发送数据，也不收集任何信息。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>ActionRegistry</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Open Model…</source>
        <translation>打开模型(&amp;O)…</translation>
    </message>
    <message>
        <source>Open &amp;Sample LeNet-5</source>
        <translation>打开示例 LeNet-5(&amp;S)</translation>
    </message>
    <message>
        <source>Open &amp;Recent</source>
        <translation>最近打开(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Close Model</source>
        <translation>关闭模型(&amp;C)</translation>
    </message>
    <message>
        <source>Open Rec&amp;ipe…</source>
        <translation>打开配方(&amp;I)…</translation>
    </message>
    <message>
        <source>&amp;Save Recipe</source>
        <translation>保存配方(&amp;S)</translation>
    </message>
    <message>
        <source>Save Recipe &amp;As…</source>
        <translation>配方另存为(&amp;A)…</translation>
    </message>
    <message>
        <source>&amp;Export</source>
        <translation>导出(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Find in Graph</source>
        <translation>在图中查找(&amp;F)</translation>
    </message>
    <message>
        <source>Filter &amp;Layers</source>
        <translation>筛选层(&amp;L)</translation>
    </message>
    <message>
        <source>Select &amp;All Layers</source>
        <translation>选中所有层(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Clear Selection</source>
        <translation>清除选择(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>Zoom &amp;In</source>
        <translation>放大(&amp;I)</translation>
    </message>
    <message>
        <source>Zoom &amp;Out</source>
        <translation>缩小(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Actual Size</source>
        <translation>实际大小(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Fit Graph</source>
        <translation>适合窗口(&amp;F)</translation>
    </message>
    <message>
        <source>Ori&amp;ginal Graph</source>
        <translation>原始图(&amp;G)</translation>
    </message>
    <message>
        <source>Graph After Selected &amp;Step</source>
        <translation>所选步骤之后的图(&amp;S)</translation>
    </message>
    <message>
        <source>Optimi&amp;zed Graph</source>
        <translation>优化后的图(&amp;Z)</translation>
    </message>
    <message>
        <source>Show &amp;Layers</source>
        <translation>显示层(&amp;L)</translation>
    </message>
    <message>
        <source>Show &amp;Runs</source>
        <translation>显示运行(&amp;R)</translation>
    </message>
    <message>
        <source>Show Lo&amp;g</source>
        <translation>显示日志(&amp;G)</translation>
    </message>
    <message>
        <source>Rec&amp;ipe Panel</source>
        <translation>配方面板(&amp;I)</translation>
    </message>
    <message>
        <source>I&amp;nspector Panel</source>
        <translation>检查器面板(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Bottom Panel</source>
        <translation>底部面板(&amp;B)</translation>
    </message>
    <message>
        <source>&amp;Charts Panel</source>
        <translation>图表面板(&amp;C)</translation>
    </message>
    <message>
        <source>R&amp;estore Default Layout</source>
        <translation>恢复默认布局(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>主题(&amp;T)</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>语言(&amp;G)</translation>
    </message>
    <message>
        <source>F&amp;ull Screen</source>
        <translation>全屏(&amp;U)</translation>
    </message>
    <message>
        <source>Command &amp;Palette…</source>
        <translation>命令面板(&amp;P)…</translation>
    </message>
    <message>
        <source>&amp;Optimize</source>
        <translation>优化(&amp;O)</translation>
    </message>
    <message>
        <source>&amp;Add Step</source>
        <translation>添加步骤(&amp;A)</translation>
    </message>
    <message>
        <source>&amp;Enable or Disable Step</source>
        <translation>启用或停用步骤(&amp;E)</translation>
    </message>
    <message>
        <source>Move Step &amp;Up</source>
        <translation>上移步骤(&amp;U)</translation>
    </message>
    <message>
        <source>Move Step &amp;Down</source>
        <translation>下移步骤(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Remove Step</source>
        <translation>移除步骤(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Keep Selected Layers in Float</source>
        <translation>所选层保持浮点(&amp;K)</translation>
    </message>
    <message>
        <source>Use the Usual &amp;Recipe</source>
        <translation>使用常用配方(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Clear Recipe</source>
        <translation>清空配方(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>运行(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Run Comparison</source>
        <translation>运行比较(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Data</source>
        <translation>数据(&amp;D)</translation>
    </message>
    <message>
        <source>D&amp;evice</source>
        <translation>设备(&amp;E)</translation>
    </message>
    <message>
        <source>Restart &amp;Engine</source>
        <translation>重启引擎(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;History</source>
        <translation>历史(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Restore Recipe of Selected Run</source>
        <translation>恢复所选运行的配方(&amp;R)</translation>
    </message>
    <message>
        <source>Re&amp;fresh</source>
        <translation>刷新(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Commands and Shortcuts</source>
        <translation>命令和快捷键(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;About Lathe</source>
        <translation>关于 Lathe(&amp;A)</translation>
    </message>
    <message>
        <source>I&amp;mport Report…</source>
        <translation>导入报告(&amp;M)…</translation>
    </message>
    <message>
        <source>&amp;Exported Files…</source>
        <translation>已导出的文件(&amp;E)…</translation>
    </message>
    <message>
        <source>&amp;Measure Speed Again</source>
        <translation>重新测量速度(&amp;M)</translation>
    </message>
    <message>
        <source>E&amp;xpand Module</source>
        <translation>展开模块(&amp;X)</translation>
    </message>
    <message>
        <source>&amp;Collapse Module</source>
        <translation>折叠模块(&amp;C)</translation>
    </message>
    <message>
        <source>Expan&amp;d All Modules</source>
        <translation>展开所有模块(&amp;D)</translation>
    </message>
    <message>
        <source>Collapse All Mod&amp;ules</source>
        <translation>折叠所有模块(&amp;U)</translation>
    </message>
</context>
<context>
    <name>BarsChart</name>
    <message>
        <source>One figure of each run</source>
        <translation>每个运行的一个指标</translation>
    </message>
    <message>
        <source>No runs yet. Press F5 to compare the model with and without the recipe.</source>
        <translation>尚无运行。按 F5 比较使用与不使用配方的模型。</translation>
    </message>
    <message>
        <source>No run has this figure.</source>
        <translation>没有运行具有此指标。</translation>
    </message>
    <message>
        <source> · newest %1 of %2 runs</source>
        <translation> · 最新 %1 / %2 个运行</translation>
    </message>
    <message>
        <source>95 % interval: %1 to %2</source>
        <translation>95 % 区间：%1 到 %2</translation>
    </message>
    <message>
        <source>about %1×</source>
        <translation>约 %1×</translation>
    </message>
    <message>
        <source>not reliable</source>
        <translation>不可靠</translation>
    </message>
    <message>
        <source> · hatched: not reliable</source>
        <translation> · 斜线：不可靠</translation>
    </message>
    <message>
        <source>%1 (95 % interval of the test samples)</source>
        <translation>%1（测试样本的 95 % 区间）</translation>
    </message>
    <message>
        <source>speed-up over Lathe&apos;s plan of the original, × (95 % interval)</source>
        <translation>相对 Lathe 对原始模型的执行计划的加速比，×（95 % 区间）</translation>
    </message>
    <message>
        <source>%1 (identical outermost)</source>
        <translation>%1（完全相同者在最外侧）</translation>
    </message>
</context>
<context>
    <name>Chart</name>
    <message>
        <source>What is shown</source>
        <translation>显示内容</translation>
    </message>
    <message>
        <source>Rows of the chart</source>
        <translation>图表的行</translation>
    </message>
</context>
<context>
    <name>ChartsPanel</name>
    <message>
        <source>%1 of %2 runs</source>
        <translation>%1 / %2 个运行</translation>
    </message>
    <message>
        <source>Export Chart</source>
        <translation>导出图表</translation>
    </message>
    <message>
        <source>%1 file (*.%2)</source>
        <translation>%1 文件 (*.%2)</translation>
    </message>
    <message>
        <source>Pareto</source>
        <translation>帕累托</translation>
    </message>
    <message>
        <source>Bars</source>
        <translation>条形图</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Export this chart</source>
        <translation>导出此图表</translation>
    </message>
    <message>
        <source>Export as &amp;SVG…</source>
        <translation>导出为 SVG(&amp;S)…</translation>
    </message>
    <message>
        <source>Export as &amp;PNG…</source>
        <translation>导出为 PNG(&amp;P)…</translation>
    </message>
    <message>
        <source>Export the Numbers as &amp;CSV…</source>
        <translation>将数值导出为 CSV(&amp;C)…</translation>
    </message>
    <message>
        <source>Show All</source>
        <translation>全部显示</translation>
    </message>
</context>
<context>
    <name>ChoiceMenus</name>
    <message>
        <source>Choose a File…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Choose a Folder…</source>
        <translation>选择文件夹…</translation>
    </message>
    <message>
        <source>Choose Data</source>
        <translation>选择数据</translation>
    </message>
    <message>
        <source>Random &amp;Input…</source>
        <translation>随机输入(&amp;I)…</translation>
    </message>
    <message>
        <source>&amp;Preview…</source>
        <translation>预览(&amp;P)…</translation>
    </message>
    <message>
        <source>Data (*.npz *.csv *.tsv *-ubyte *.gz);;All files (*)</source>
        <translation>数据 (*.npz *.csv *.tsv *-ubyte *.gz);;所有文件 (*)</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>暂无</translation>
    </message>
    <message>
        <source>Clear List</source>
        <translation>清空列表</translation>
    </message>
    <message>
        <source>As the &amp;Desktop</source>
        <translation>跟随桌面(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>浅色(&amp;L)</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>深色(&amp;D)</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>输入命令</translation>
    </message>
</context>
<context>
    <name>DataPreviewDialog</name>
    <message>
        <source>What the Model Sees</source>
        <translation>模型看到的数据</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>上一页</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一页</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Reading the data…</source>
        <translation>正在读取数据…</translation>
    </message>
    <message>
        <source>%1: samples of %2 %3; %4 for training, %5 for the test</source>
        <translation>%1：样本为 %2 %3；%4 个用于训练，%5 个用于测试</translation>
    </message>
    <message>
        <source>Change Preprocessing</source>
        <translation>更改预处理</translation>
    </message>
    <message>
        <source>Preprocessing</source>
        <translation>预处理</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>Change Quality</source>
        <translation>更改质量评估</translation>
    </message>
</context>
<context>
    <name>EngineClient</name>
    <message>
        <source>The engine sent something that is not a message: %1</source>
        <translation>引擎发来的内容不是有效消息：%1</translation>
    </message>
    <message>
        <source>The engine is gone: %1.</source>
        <extracomment>%1 is a part of a sentence: &quot;it was killed by signal 9&quot;</extracomment>
        <translation>引擎已退出：%1。</translation>
    </message>
</context>
<context>
    <name>EngineProcess</name>
    <message>
        <source>it crashed or was killed (signal %1)</source>
        <translation>它崩溃或被终止（信号 %1）</translation>
    </message>
    <message>
        <source>it ended with status %1</source>
        <translation>它以状态 %1 结束</translation>
    </message>
    <message>
        <source>%1 could not be started: %2</source>
        <translation>无法启动 %1：%2</translation>
    </message>
    <message>
        <source>lathe-cli was not found beside the window&apos;s program or in PATH</source>
        <translation>在窗口程序旁和 PATH 中都找不到 lathe-cli</translation>
    </message>
</context>
<context>
    <name>EvaluationForm</name>
    <message>
        <source>As the labels look</source>
        <translation>按标签的形式</translation>
    </message>
    <message>
        <source>What the labels say of a sample, and so how quality is measured</source>
        <translation>标签说明样本的什么，因此如何评估质量</translation>
    </message>
    <message>
        <source>The first that the labels fit</source>
        <translation>第一个与标签相符的输出</translation>
    </message>
    <message>
        <source>Name or number (from 0) of the output that the labels are for</source>
        <translation>标签所对应的输出的名称或编号（从 0 开始）</translation>
    </message>
    <message>
        <source>0.5 of probabilities, else 0</source>
        <translation>概率取 0.5，否则取 0</translation>
    </message>
    <message>
        <source>From this score on the answer is yes</source>
        <translation>分数达到此值即判为“是”</translation>
    </message>
    <message>
        <source>Labels are</source>
        <translation>标签为</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Yes from</source>
        <translation>判“是”阈值</translation>
    </message>
    <message>
        <source>The score from which on an answer is yes is a number.</source>
        <translation>判为“是”的阈值必须是数字。</translation>
    </message>
</context>
<context>
    <name>ExportActions</name>
    <message>
        <source>There is nothing to report yet: run the comparison, or select runs in the history.</source>
        <translation>还没有可报告的内容：请先运行比较，或在历史记录中选择运行。</translation>
    </message>
</context>
<context>
    <name>ExportDialog</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>%1 (*%2)</source>
        <translation>%1 (*%2)</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>已写入 %1。</translation>
    </message>
    <message>
        <source>Written to %1, but its outputs differ from what was measured. Do not deploy it before you know why.</source>
        <translation>已写入 %1，但其输出与测量时不一致。查明原因之前请勿部署。</translation>
    </message>
    <message>
        <source>%1× smaller than the original</source>
        <translation>比原始模型小 %1 倍</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>Verify: load the file again and compare its outputs</source>
        <translation>验证：重新加载文件并比较输出</translation>
    </message>
    <message>
        <source>Progress of the export</source>
        <translation>导出进度</translation>
    </message>
    <message>
        <source>Checks of the exported file</source>
        <translation>对导出文件的检查</translation>
    </message>
    <message>
        <source>Checked with</source>
        <translation>检查工具</translation>
    </message>
    <message>
        <source>Same top-1</source>
        <translation>top-1 一致率</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Choose a Python Program</source>
        <translation>选择 Python 程序</translation>
    </message>
    <message>
        <source>the original: %1</source>
        <translation>原始模型：%1</translation>
    </message>
    <message>
        <source>Also with Python</source>
        <translation>同时用 Python 验证</translation>
    </message>
    <message>
        <source>Python program for verification</source>
        <translation>用于验证的 Python 程序</translation>
    </message>
    <message>
        <source>Off. A Python program that has torch or onnxruntime</source>
        <translation>关闭。可填写装有 torch 或 onnxruntime 的 Python 程序</translation>
    </message>
    <message>
        <source>The file is also opened and run there, by torch or onnxruntime, as it will be where it is deployed; empty: off.</source>
        <translation>还会在该 Python 中用 torch 或 onnxruntime 打开并运行导出的文件，与部署时一样；留空则关闭。</translation>
    </message>
    <message>
        <source>Largest difference</source>
        <translation>最大差异</translation>
    </message>
    <message>
        <source>Loads in</source>
        <translation>加载耗时</translation>
    </message>
</context>
<context>
    <name>ExportText</name>
    <message>
        <source>largest difference %1</source>
        <translation>最大差异 %1</translation>
    </message>
    <message>
        <source>same top-1 %1</source>
        <translation>top-1 一致率 %1</translation>
    </message>
    <message>
        <source>loads in %1</source>
        <translation>加载耗时 %1</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>judge, what it found</comment>
        <translation>%1：%2</translation>
    </message>
    <message>
        <source>✓ the same</source>
        <translation>✓ 一致</translation>
    </message>
    <message>
        <source>✗ different</source>
        <translation>✗ 不一致</translation>
    </message>
    <message>
        <source>– not judged</source>
        <translation>– 未能判定</translation>
    </message>
    <message>
        <source>%1 could not judge the file: %2</source>
        <translation>%1 未能判定该文件：%2</translation>
    </message>
    <message>
        <source>%1 · %2, the original %3</source>
        <translation>%1 · %2，原始模型 %3</translation>
    </message>
    <message>
        <source>not verified</source>
        <translation>未验证</translation>
    </message>
    <message>
        <source>– not verified</source>
        <translation>– 未验证</translation>
    </message>
</context>
<context>
    <name>ExportedFilesDialog</name>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Verified</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>写入时间</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>Open &amp;Folder</source>
        <translation>打开文件夹(&amp;F)</translation>
    </message>
    <message>
        <source>Exported Files</source>
        <translation>已导出的文件</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>No file has been exported yet.</source>
        <translation>尚未导出任何文件。</translation>
    </message>
</context>
<context>
    <name>Figure</name>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Top-5</source>
        <translation>Top-5</translation>
    </message>
    <message>
        <source>Precision (macro)</source>
        <translation>精确率（宏平均）</translation>
    </message>
    <message>
        <source>Recall (macro)</source>
        <translation>召回率（宏平均）</translation>
    </message>
    <message>
        <source>F1 (macro)</source>
        <translation>F1（宏平均）</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Test samples</source>
        <translation>测试样本数</translation>
    </message>
    <message>
        <source>SQNR of the outputs</source>
        <translation>输出的 SQNR</translation>
    </message>
    <message>
        <source>Cosine similarity to the original</source>
        <translation>与原模型的余弦相似度</translation>
    </message>
    <message>
        <source>Largest difference to the original</source>
        <translation>与原模型的最大差异</translation>
    </message>
    <message>
        <source>Median latency</source>
        <translation>延迟中位数</translation>
    </message>
    <message>
        <source>Latency p90</source>
        <translation>延迟 p90</translation>
    </message>
    <message>
        <source>Latency p95</source>
        <translation>延迟 p95</translation>
    </message>
    <message>
        <source>Latency p99</source>
        <translation>延迟 p99</translation>
    </message>
    <message>
        <source>Latency p99.9</source>
        <translation>延迟 p99.9</translation>
    </message>
    <message>
        <source>Mean latency</source>
        <translation>平均延迟</translation>
    </message>
    <message>
        <source>Standard deviation of the latency</source>
        <translation>延迟的标准差</translation>
    </message>
    <message>
        <source>Calls</source>
        <translation>调用次数</translation>
    </message>
    <message>
        <source>Batch of latency calls</source>
        <translation>延迟测量的批大小</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>线程数</translation>
    </message>
    <message>
        <source>Throughput</source>
        <translation>吞吐量</translation>
    </message>
    <message>
        <source>samples/s</source>
        <translation>样本/秒</translation>
    </message>
    <message>
        <source>Load time</source>
        <translation>加载时间</translation>
    </message>
    <message>
        <source>File size</source>
        <translation>文件大小</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>thousands</source>
        <translation>千</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>millions</source>
        <translation>百万</translation>
    </message>
    <message>
        <source>Peak memory</source>
        <translation>峰值内存</translation>
    </message>
    <message>
        <source>Accuracy drop</source>
        <translation>准确率下降</translation>
    </message>
    <message>
        <source>Same predictions as the original</source>
        <translation>与原模型相同的预测</translation>
    </message>
    <message>
        <source>Smaller by</source>
        <translation>缩小倍数</translation>
    </message>
    <message>
        <source>Speed against the original</source>
        <translation>相对原模型的速度</translation>
    </message>
    <message>
        <source>Speed against the original, lower end of the 95 % interval</source>
        <translation>相对原模型的速度，95 % 区间下限</translation>
    </message>
    <message>
        <source>Speed against the original, upper end of the 95 % interval</source>
        <translation>相对原模型的速度，95 % 区间上限</translation>
    </message>
    <message>
        <source>Disturbed calls</source>
        <translation>受干扰的调用次数</translation>
    </message>
    <message>
        <source>Outputs with NaN or infinity</source>
        <translation>含 NaN 或无穷大的输出数</translation>
    </message>
    <message>
        <source>Warm-up calls</source>
        <translation>预热调用次数</translation>
    </message>
    <message>
        <source>Batch of throughput</source>
        <translation>吞吐量测量的批大小</translation>
    </message>
    <message>
        <source>Layers whose MACs are not known</source>
        <translation>MAC 数未知的层数</translation>
    </message>
    <message>
        <source>Real and simulated predictions agree</source>
        <translation>真实与模拟预测一致的比例</translation>
    </message>
    <message>
        <source>Simulated accuracy</source>
        <translation>模拟准确率</translation>
    </message>
    <message>
        <source>Mean intersection over union</source>
        <translation>平均交并比</translation>
    </message>
    <message>
        <source>AUC</source>
        <translation>AUC</translation>
    </message>
    <message>
        <source>Kolmogorov-Smirnov</source>
        <translation>KS 统计量</translation>
    </message>
    <message>
        <source>Mean squared error</source>
        <translation>均方误差</translation>
    </message>
    <message>
        <source>Mean absolute error</source>
        <translation>平均绝对误差</translation>
    </message>
    <message>
        <source>R²</source>
        <translation>R²</translation>
    </message>
    <message>
        <source>Spearman correlation</source>
        <translation>斯皮尔曼相关系数</translation>
    </message>
    <message>
        <source>Multiply-accumulates for one sample</source>
        <translation>一个样本的乘加次数</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>Sparsity</source>
        <translation>稀疏度</translation>
    </message>
    <message>
        <source>The share of the weights that are zero</source>
        <translation>为零的权重所占的比例</translation>
    </message>
    <message>
        <source>½‖θ−θ̂‖²</source>
        <translation>½‖θ−θ̂‖²</translation>
    </message>
    <message>
        <source>Half of the squared distance of the layer&apos;s weights from those of the original; a removed weight is a zero. What fine-tuning moves does not count.</source>
        <translation>该层权重与原模型权重之差的平方和的一半；被去掉的权重算作零。微调引起的变化不计。</translation>
    </message>
    <message>
        <source>Pruned</source>
        <translation>剪枝</translation>
    </message>
    <message>
        <source>The part of it that the removed weights weighed</source>
        <translation>其中由被去掉的权重造成的部分</translation>
    </message>
    <message>
        <source>Rounding</source>
        <translation>取整</translation>
    </message>
    <message>
        <source>The part of it that the rounding of the remaining weights makes</source>
        <translation>其中由其余权重取整造成的部分</translation>
    </message>
    <message>
        <source>SQNR</source>
        <translation>SQNR</translation>
    </message>
    <message>
        <source>The weights of the original against all of their error</source>
        <translation>原模型权重与其全部误差之比</translation>
    </message>
    <message>
        <source>SQNR of input</source>
        <translation>输入的 SQNR</translation>
    </message>
    <message>
        <source>What the layer reads against the error of its rounding, measured on test samples in the last run</source>
        <translation>该层的输入与其取整误差之比，在上次运行中用测试样本测得</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Median time in the last run; the rows add up to the median call</source>
        <translation>上次运行中的中位时间；各行之和为整次调用的中位时间</translation>
    </message>
    <message>
        <source>Of the limit</source>
        <translation>占上限的比例</translation>
    </message>
    <message>
        <source>How close the time is to the least that this machine&apos;s arithmetic and memory allow for the work (roofline): at 100 % nothing can be gained without doing less</source>
        <translation>时间与本机算力和内存对这些工作所允许的最短时间的接近程度（roofline）：达到 100 % 时，不减少工作量就无法再加快</translation>
    </message>
    <message>
        <source>Training loss</source>
        <translation>训练损失</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Validation loss</source>
        <translation>验证损失</translation>
    </message>
    <message>
        <source>Validation accuracy</source>
        <translation>验证准确率</translation>
    </message>
    <message>
        <source>Factorized</source>
        <translation>分解</translation>
    </message>
    <message>
        <source>The part of it that a product of smaller layers in the layer&apos;s place makes</source>
        <translation>其中由代替该层的较小层之乘积造成的部分</translation>
    </message>
    <message>
        <source>Shared</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>The part of it that weights make which share their numbers</source>
        <translation>其中由共享数值的权重造成的部分</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>秩</translation>
    </message>
    <message>
        <source>Of a factorized layer: how many channels there are between the smaller layers</source>
        <translation>被分解的层：较小的层之间有多少个通道</translation>
    </message>
    <message>
        <source>Output error</source>
        <translation>输出误差</translation>
    </message>
    <message>
        <source>The share of the variance of a factorized layer&apos;s outputs that is lost on training samples</source>
        <translation>在训练样本上，被分解的层的输出方差中丢失的比例</translation>
    </message>
    <message>
        <source>Codebook</source>
        <translation>码本</translation>
    </message>
    <message>
        <source>How many numbers the weights choose from, in all codebooks of the layer together</source>
        <translation>权重可选用的数值个数，该层所有码本合计</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>no match</source>
        <translation>无匹配</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <comment>which one of the nodes found</comment>
        <translation>%1 / %2</translation>
    </message>
    <message>
        <source>Name, operator or shape</source>
        <translation>名称、算子或形状</translation>
    </message>
    <message>
        <source>Find in the graph</source>
        <translation>在图中查找</translation>
    </message>
    <message>
        <source>Previous match (Shift+Enter)</source>
        <translation>上一个匹配 (Shift+Enter)</translation>
    </message>
    <message>
        <source>Next match (Enter)</source>
        <translation>下一个匹配 (Enter)</translation>
    </message>
    <message>
        <source>Close (Esc)</source>
        <translation>关闭 (Esc)</translation>
    </message>
</context>
<context>
    <name>GraphPanel</name>
    <message>
        <source>Original</source>
        <translation>原始</translation>
    </message>
    <message>
        <source>After Step</source>
        <translation>步骤之后</translation>
    </message>
    <message>
        <source>After Step %1</source>
        <translation>步骤 %1 之后</translation>
    </message>
    <message>
        <source>Optimized</source>
        <translation>优化后</translation>
    </message>
    <message>
        <source>Stage of the model</source>
        <translation>模型阶段</translation>
    </message>
    <message>
        <source>Colour by</source>
        <extracomment>Label of a drop-down: the graph is coloured by a figure of its layers</extracomment>
        <translation>着色依据</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>weight error ½‖θ−θ̂‖²</source>
        <translation>权重误差 ½‖θ−θ̂‖²</translation>
    </message>
    <message>
        <source>SQNR</source>
        <translation>SQNR</translation>
    </message>
    <message>
        <source>bits</source>
        <translation>位数</translation>
    </message>
    <message>
        <source>zero weights</source>
        <translation>零权重</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>time in last run</source>
        <translation>上次运行的时间</translation>
    </message>
    <message>
        <source>in %1</source>
        <extracomment>In a node of the graph, instead of its time: it runs as a part of the node %1</extracomment>
        <translation>在 %1 中</translation>
    </message>
    <message>
        <source>time of the original in the last run</source>
        <translation>原模型在上次运行中的时间</translation>
    </message>
    <message>
        <source>%1: call %2, rest %3</source>
        <extracomment>%1 is &quot;time in last run&quot;, %2 and %3 are times: of a whole call, and what of it no operator has</extracomment>
        <translation>%1：整次调用 %2，其余 %3</translation>
    </message>
    <message>
        <source>Opening %1…</source>
        <extracomment>While a model file is read; %1 is its name</extracomment>
        <translation>正在打开 %1…</translation>
    </message>
    <message>
        <source>%1: not reliable</source>
        <extracomment>%1 is &quot;time in last run&quot;</extracomment>
        <translation>%1：不可靠</translation>
    </message>
    <message>
        <source>Expand %1</source>
        <translation>展开 %1</translation>
    </message>
    <message>
        <source>Collapse %1</source>
        <translation>折叠 %1</translation>
    </message>
    <message>
        <source>Expand All Modules</source>
        <translation>展开所有模块</translation>
    </message>
    <message>
        <source>Collapse All Modules</source>
        <translation>折叠所有模块</translation>
    </message>
</context>
<context>
    <name>GraphView</name>
    <message>
        <source>Laying out…</source>
        <translation>正在布局…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The layout was cancelled.</source>
        <translation>布局已取消。</translation>
    </message>
    <message>
        <source>Lay Out Again</source>
        <translation>重新布局</translation>
    </message>
    <message>
        <source>The layout does not fit the graph.</source>
        <translation>布局与图不符。</translation>
    </message>
    <message>
        <source>Graph of the model</source>
        <translation>模型图</translation>
    </message>
    <message>
        <source>Overview of the graph</source>
        <translation>图的概览</translation>
    </message>
    <message>
        <source>Overview: drag to move</source>
        <translation>概览：拖动以移动</translation>
    </message>
</context>
<context>
    <name>HistogramWidget</name>
    <message>
        <source>Values from %1 to %2</source>
        <translation>取值从 %1 到 %2</translation>
    </message>
</context>
<context>
    <name>HistoryFilter</name>
    <message>
        <source>Runs have no figure “%1” to filter by; they have %2.</source>
        <extracomment>%2 is a list of names</extracomment>
        <translation>运行没有可供筛选的指标“%1”；可用的有 %2。</translation>
    </message>
    <message>
        <source>In “%1” a number is missing.</source>
        <translation>“%1”中缺少数字。</translation>
    </message>
    <message>
        <source>In “%1”, “%2” is no number.</source>
        <translation>“%1”中的“%2”不是数字。</translation>
    </message>
    <message>
        <source>“%1” needs a unit: %2.</source>
        <extracomment>%2 is a list of units</extracomment>
        <translation>“%1”需要单位：%2。</translation>
    </message>
    <message>
        <source>In “%1”, “%2” is no unit.</source>
        <translation>“%1”中的“%2”不是单位。</translation>
    </message>
    <message>
        <source>In “%1”, “%2” is none of the units that there are: %3.</source>
        <translation>“%1”中的“%2”不是可用的单位：%3。</translation>
    </message>
</context>
<context>
    <name>HistoryModel</name>
    <message>
        <source>running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>about %1×</source>
        <translation>约 %1×</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>基线</translation>
    </message>
    <message>
        <source>original</source>
        <translation>原始</translation>
    </message>
    <message>
        <source>real</source>
        <translation>真实</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>Tags: %1</source>
        <translation>标签：%1</translation>
    </message>
    <message>
        <source>In points of accuracy. With %1 test samples the accuracy itself is uncertain by ± %2 points (95 %).</source>
        <translation>以准确率百分点计。测试样本为 %1 个时，准确率本身的不确定度为 ± %2 个百分点（95 %）。</translation>
    </message>
    <message>
        <source>Ratio of the median latencies: %1, 95 % interval %2 to %3, measured in turns</source>
        <translation>延迟中位数之比：%1，95 % 区间 %2 到 %3，交替测量</translation>
    </message>
    <message>
        <source>Ratio of medians that were measured at different times: no interval can be given</source>
        <translation>不同时间测得的中位数之比：无法给出区间</translation>
    </message>
    <message>
        <source>Measured on what is deployed: the exported file and real kernels</source>
        <translation>在实际部署的内容上测量：导出的文件和真实内核</translation>
    </message>
    <message>
        <source>Simulated: not the kernels that would be deployed</source>
        <translation>模拟：并非实际部署的内核</translation>
    </message>
    <message>
        <source>Accuracy against the baseline, in points</source>
        <translation>相对基线的准确率，百分点</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Not compared with the runs of the scope that is shown: %1</source>
        <translation>不与所示范围的运行比较：%1</translation>
    </message>
    <message>
        <source>Baseline: other runs of the same model, data and device are compared with this one</source>
        <translation>基准：模型、数据和设备相同的其他运行与它比较</translation>
    </message>
    <message>
        <source>All outputs against those of the original: %1</source>
        <translation>全部输出与原模型输出相比：%1</translation>
    </message>
    <message>
        <source>Cosine similarity: %1</source>
        <translation>余弦相似度：%1</translation>
    </message>
    <message>
        <source>Largest difference: %1</source>
        <translation>最大差异：%1</translation>
    </message>
    <message>
        <source>Same top-1: %1</source>
        <translation>top-1 相同：%1</translation>
    </message>
    <message>
        <source>The same model as the baseline: a ratio would only tell of the machine</source>
        <translation>与基准是同一模型：比值只能说明机器状况</translation>
    </message>
    <message>
        <source>Outputs against those of the original: signal to quantization noise, over the test samples</source>
        <translation>输出与原模型输出相比：测试样本上的信号与量化噪声之比</translation>
    </message>
    <message>
        <source>not reliable</source>
        <translation>不可靠</translation>
    </message>
    <message>
        <source>Against %1 with %2 threads; this run with %3</source>
        <translation>与 %1（%2 个线程）相比；本次运行用 %3 个线程</translation>
    </message>
    <message>
        <source>Not reliable: the machine was disturbed while one of the two runs was measured.</source>
        <translation>不可靠：测量这两次运行之一时机器受到干扰。</translation>
    </message>
    <message>
        <source>Speed-up to baseline</source>
        <translation>相对基线的加速比</translation>
    </message>
    <message>
        <source>Speed-up to original</source>
        <translation>相对原始模型的加速比</translation>
    </message>
    <message>
        <source>Speed-up to %1</source>
        <translation>相对 %1 的加速比</translation>
    </message>
    <message>
        <source>Ratio of the median latencies with its 95 % interval. Other programs may run the original faster than Lathe&apos;s float plan does.</source>
        <translation>延迟中位数之比及其 95 % 区间。其他程序运行原始模型可能比 Lathe 的浮点执行计划更快。</translation>
    </message>
    <message>
        <source>Speed-up</source>
        <translation>加速比</translation>
    </message>
    <message>
        <source>Median latency of one call; ≈: not reliable</source>
        <translation>单次调用的延迟中位数；≈：不可靠</translation>
    </message>
    <message>
        <source>Scope</source>
        <extracomment>Column: what runs must share to be compared: model and data, and what else tells them apart</extracomment>
        <translation>比较范围</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
</context>
<context>
    <name>HistoryPanel</name>
    <message>
        <source>No run fits the filter.</source>
        <translation>没有符合筛选条件的运行。</translation>
    </message>
    <message>
        <source>No runs yet. Press F5 to compare the model with and without the recipe.</source>
        <translation>尚无运行。按 F5 比较使用与不使用配方的模型。</translation>
    </message>
    <message>
        <source>Clear &amp;Baseline</source>
        <translation>清除基线(&amp;B)</translation>
    </message>
    <message>
        <source>Set as &amp;Baseline</source>
        <translation>设为基线(&amp;B)</translation>
    </message>
    <message>
        <source>Delete Runs</source>
        <translation>删除运行</translation>
    </message>
    <message numerus="yes">
        <source>Delete %n run(s) from the history?</source>
        <translation>
            <numerusform>从历史中删除 %n 个运行？</numerusform>
        </translation>
    </message>
    <message>
        <source>“%1” and its measurements cannot be brought back.</source>
        <translation>“%1”及其测量结果将无法恢复。</translation>
    </message>
    <message>
        <source>Their measurements cannot be brought back.</source>
        <translation>它们的测量结果将无法恢复。</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>&amp;Restore Recipe</source>
        <translation>恢复配方(&amp;R)</translation>
    </message>
    <message>
        <source>Re&amp;name</source>
        <translation>重命名(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;Compare Selected Runs</source>
        <translation>比较选中的运行(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Delete…</source>
        <translation>删除(&amp;D)…</translation>
    </message>
    <message>
        <source>Try Again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Filter runs</source>
        <translation>筛选运行</translation>
    </message>
    <message>
        <source>&amp;Tags, Note, Exports…</source>
        <translation>标签、备注和导出(&amp;T)…</translation>
    </message>
    <message>
        <source>No runs of this model yet. Press F5 to compare it with and without the recipe.
Runs of other models can be chosen above.</source>
        <translation>此模型尚无运行。按 F5 比较应用配方前后的模型。
可在上方选择其他模型的运行。</translation>
    </message>
    <message>
        <source>Speed of “%1”. %2</source>
        <translation>“%1”的速度。%2</translation>
    </message>
    <message>
        <source>&amp;Measure Speed Again</source>
        <translation>重新测量速度(&amp;M)</translation>
    </message>
    <message>
        <source>Measure Again</source>
        <translation>重新测量</translation>
    </message>
    <message>
        <source>Measures only the speed; nothing is trained again</source>
        <translation>只测量速度，不重新训练</translation>
    </message>
    <message>
        <source>Words that all occur in name, note, tags, recipe, model or data; tag:x asks for a tag that begins with x. Figures with &lt;, &lt;=, &gt; or &gt;=: accuracy&gt;91, agreement&gt;99, sqnr&gt;30, p50&lt;2ms (us, ms, s), speedup&gt;=2, size&lt;1MB (B, kB, MB, GB), parameters&lt;1M. All must hold; a run without the figure, or with one that is not reliable, is left out.</source>
        <translation>所有词语须出现在名称、备注、标签、配方、模型或数据中；tag:x 表示以 x 开头的标签。指标用 &lt;、&lt;=、&gt; 或 &gt;=：accuracy&gt;91、agreement&gt;99、sqnr&gt;30、p50&lt;2ms（us、ms、s）、speedup&gt;=2、size&lt;1MB（B、kB、MB、GB）、parameters&lt;1M；也可写成列名，如“准确率&gt;91”。所有条件须同时满足；没有该指标或指标不可靠的运行不显示。</translation>
    </message>
    <message>
        <source>Words, tag:x and figures such as accuracy&gt;91 that runs must have</source>
        <translation>运行须满足的词语、tag:x 以及 accuracy&gt;91 之类的指标</translation>
    </message>
    <message>
        <source>Filter: accuracy&gt;91</source>
        <extracomment>Placeholder of the field: the example can be typed as it is</extracomment>
        <translation>筛选：accuracy&gt;91</translation>
    </message>
</context>
<context>
    <name>ImportReport</name>
    <message>
        <source>Everything in this model can be run.</source>
        <translation>该模型的全部内容都可以运行。</translation>
    </message>
    <message>
        <source>Parts of this model cannot be run: no comparison, no fine-tuning and no static quantization. Looking at it, its weights and weight-only previews work all the same.</source>
        <extracomment>What still works with a model of which some operators cannot be run</extracomment>
        <translation>该模型的部分内容无法运行：不能比较、微调或静态量化。查看模型及其权重和仅权重预览仍然可用。</translation>
    </message>
</context>
<context>
    <name>ImportReportDialog</name>
    <message>
        <source>Operator</source>
        <translation>算子</translation>
    </message>
    <message>
        <source>Uses</source>
        <translation>次数</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>可运行</translation>
    </message>
    <message>
        <source>Module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>Source line</source>
        <translation>源代码行</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Import Report</source>
        <translation>导入报告</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>Inputs</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>MACs of one sample</source>
        <translation>单个样本的 MAC</translation>
    </message>
    <message>
        <source>Isolation while reading</source>
        <translation>读取时的隔离</translation>
    </message>
    <message>
        <source>full</source>
        <translation>完全</translation>
    </message>
    <message>
        <source>reduced</source>
        <translation>降低</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>✓ yes</source>
        <translation>✓ 是</translation>
    </message>
    <message>
        <source>✗ no</source>
        <translation>✗ 否</translation>
    </message>
    <message>
        <source>Operators</source>
        <translation>算子</translation>
    </message>
    <message>
        <source>What cannot be run</source>
        <translation>无法运行的部分</translation>
    </message>
    <message>
        <source>State</source>
        <extracomment>What a model keeps from one call to the next</extracomment>
        <translation>状态</translation>
    </message>
</context>
<context>
    <name>InspectorPanel</name>
    <message numerus="yes">
        <source>%n layers</source>
        <translation>
            <numerusform>%n 个层</numerusform>
        </translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>步骤 %1</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>源码</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>This operator has no weights: there is nothing to set for it.</source>
        <translation>该算子没有权重，无可设置项。</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Select a layer in the graph or in the table, or a step of the recipe, to change it.</source>
        <translation>在图或表中选择一个层，或选择配方中的一个步骤来修改。</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>格式</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Operators</source>
        <translation>算子数</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>检查器</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation>内核</translation>
    </message>
    <message>
        <source>Time</source>
        <extracomment>Instead of a time: the operator runs as a part of the node %1</extracomment>
        <translation>时间</translation>
    </message>
    <message>
        <source>in %1</source>
        <translation>在 %1 中</translation>
    </message>
    <message>
        <source>State</source>
        <extracomment>What the model keeps from one call to the next</extracomment>
        <translation>状态</translation>
    </message>
    <message>
        <source>A module without layers: there is nothing to set for it.</source>
        <translation>没有层的模块：没有可为其设置的内容。</translation>
    </message>
</context>
<context>
    <name>KnobForm</name>
    <message>
        <source>different</source>
        <extracomment>A drop-down whose value differs between the selected layers</extracomment>
        <translation>不一致</translation>
    </message>
    <message>
        <source>Reset to the step&apos;s value</source>
        <translation>重置为步骤的值</translation>
    </message>
    <message>
        <source>Reset %1</source>
        <translation>重置%1</translation>
    </message>
</context>
<context>
    <name>LatencyChart</name>
    <message>
        <source>Distribution of the latency</source>
        <translation>延迟分布</translation>
    </message>
    <message>
        <source>Cumulative</source>
        <translation>累积</translation>
    </message>
    <message>
        <source>Histogram</source>
        <translation>直方图</translation>
    </message>
    <message>
        <source>This run has no latency samples.</source>
        <translation>此运行没有延迟样本。</translation>
    </message>
    <message>
        <source>latency of one call, µs (up to the 99th percentile)</source>
        <translation>单次调用延迟，µs（至第 99 百分位）</translation>
    </message>
    <message>
        <source>%1: %2 of the calls took at most so long</source>
        <translation>%1：%2 的调用不超过该时间</translation>
    </message>
    <message>
        <source>share of calls, %</source>
        <translation>调用占比，%</translation>
    </message>
    <message>
        <source>%1 (not reliable)</source>
        <translation>%1（不可靠）</translation>
    </message>
</context>
<context>
    <name>LayerInspector</name>
    <message>
        <source>Add a step that prunes or quantizes to see its settings for single layers here.</source>
        <translation>添加剪枝或量化步骤后，可在此查看它对单个层的设置。</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <extracomment>Number and title of a step: &quot;4 · Quantize static&quot;</extracomment>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Also shrinks: %1</source>
        <extracomment>%1 is a list of layers whose tensors get smaller when channels of the selected layer are removed</extracomment>
        <translation>同时缩小：%1</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>int%1</source>
        <translation>int%1</translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>real</source>
        <translation>真实</translation>
    </message>
    <message>
        <source>simulated</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation>内核</translation>
    </message>
    <message>
        <source>Chosen because</source>
        <translation>选用原因</translation>
    </message>
    <message>
        <source>All selected</source>
        <translation>所有选中</translation>
    </message>
    <message>
        <source>Distribution of the weights</source>
        <translation>权重分布</translation>
    </message>
    <message>
        <source>%1 values, mean %2, standard deviation %3, %4 zeros</source>
        <translation>%1 个值，均值 %2，标准差 %3，%4 个零</translation>
    </message>
    <message>
        <source>Together with</source>
        <extracomment>Nodes whose work is done within the layer&apos;s kernel, and is in its time: a list follows</extracomment>
        <translation>同时计算</translation>
    </message>
    <message>
        <source>not reliable</source>
        <translation>不可靠</translation>
    </message>
    <message numerus="yes">
        <source>Marked: the %n numbers of its codebook</source>
        <translation>
            <numerusform>标线：码本中的 %n 个数值</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It has %n codebooks</source>
        <translation>
            <numerusform>它有 %n 个码本</numerusform>
        </translation>
    </message>
    <message>
        <source>Rank %1 of %2 keeps %3 of the energy</source>
        <translation>秩 %1（共 %2）保留 %3 的能量</translation>
    </message>
    <message>
        <source>%1 parameters instead of %2</source>
        <translation>%1 个参数（原为 %2）</translation>
    </message>
    <message>
        <source>%1 instead of %2</source>
        <translation>%1（原为 %2）</translation>
    </message>
    <message>
        <source>The layer would not get smaller</source>
        <translation>该层不会变小</translation>
    </message>
    <message>
        <source>half</source>
        <translation>半精度</translation>
    </message>
</context>
<context>
    <name>LayersChart</name>
    <message>
        <source>One figure of each layer</source>
        <translation>每个层的一个指标</translation>
    </message>
    <message>
        <source>This run has no such figure of its layers.</source>
        <translation>此运行没有各层的这一指标。</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Kernel: %1</source>
        <translation>内核：%1</translation>
    </message>
    <message>
        <source>Simulated</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>Rest of the call</source>
        <translation>调用的其余部分</translation>
    </message>
    <message>
        <source> · hatched: not reliable</source>
        <translation> · 斜线：不可靠</translation>
    </message>
</context>
<context>
    <name>LayersModel</name>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>算子</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation>内核</translation>
    </message>
    <message>
        <source>What a whole call takes beyond the times of its operators. Negative when the operators, timed one by one, took longer than in the call.</source>
        <translation>整次调用中不属于任何算子的时间。若逐个计时的算子比在调用中更慢，则为负。</translation>
    </message>
    <message>
        <source>Rest of the call</source>
        <translation>调用的其余部分</translation>
    </message>
    <message>
        <source>in %1</source>
        <extracomment>Instead of a time: the layer runs as a part of another, whose name is %1</extracomment>
        <translation>在 %1 中</translation>
    </message>
    <message>
        <source>%1 (not reliable)</source>
        <translation>%1（不可靠）</translation>
    </message>
    <message>
        <source>Double-click to change it. With several layers selected it is that of all of them; when they are all that the filter shows, the recipe keeps the pattern.</source>
        <translation>双击可修改。选中多个层时对所有选中的层生效；若它们正是筛选所显示的全部层，则方案中保存为模式。</translation>
    </message>
</context>
<context>
    <name>LayersPanel</name>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Filter layers by name</source>
        <translation>按名称筛选层</translation>
    </message>
    <message>
        <source>Filter: fc, layer*.conv?</source>
        <translation>筛选：fc, layer*.conv?</translation>
    </message>
    <message>
        <source>Part of a name, or a pattern with * and ?. Return selects all layers that fit.</source>
        <translation>名称的一部分，或含 * 和 ? 的模式。按回车选中所有符合的层。</translation>
    </message>
    <message>
        <source>No layer fits &quot;%1&quot;.</source>
        <translation>没有与“%1”匹配的层。</translation>
    </message>
    <message>
        <source>No layer fits &quot;%1&quot;; nearest: &quot;%2&quot;.</source>
        <translation>没有与“%1”匹配的层；最接近的是“%2”。</translation>
    </message>
    <message>
        <source>%1 (step %2)</source>
        <extracomment>A column of the table of layers: &quot;Pruned share (step 2)&quot;</extracomment>
        <translation>%1（步骤 %2）</translation>
    </message>
</context>
<context>
    <name>LogPanel</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Copy All</source>
        <translation>全部复制</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清空</translation>
    </message>
</context>
<context>
    <name>LossCurve</name>
    <message>
        <source>Loss: %1 at first, %2 now</source>
        <translation>损失：开始 %1，现在 %2</translation>
    </message>
    <message>
        <source>On samples that were set aside: %1</source>
        <translation>在留出的样本上：%1</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Comparison running</source>
        <translation>正在比较</translation>
    </message>
    <message>
        <source>A comparison is running.</source>
        <translation>正在进行比较。</translation>
    </message>
    <message>
        <source>Closing the window ends it; what it measured so far is lost.</source>
        <translation>关闭窗口将结束比较，已测得的结果会丢失。</translation>
    </message>
    <message>
        <source>End It and Close</source>
        <translation>结束并关闭</translation>
    </message>
    <message>
        <source>Keep Running</source>
        <translation>继续运行</translation>
    </message>
    <message>
        <source>%1[*] — Lathe</source>
        <extracomment>The window&apos;s title: name of the model&apos;s file, and [*] for unsaved changes</extracomment>
        <translation>%1[*] — Lathe</translation>
    </message>
    <message>
        <source>Lathe[*]</source>
        <translation>Lathe[*]</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>clear the recipe</source>
        <translation>清空配方</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>&amp;Undo: %1</source>
        <translation>撤销(&amp;U)：%1</translation>
    </message>
    <message>
        <source>&amp;Redo: %1</source>
        <translation>重做(&amp;R)：%1</translation>
    </message>
    <message>
        <source>Open Model</source>
        <translation>打开模型</translation>
    </message>
    <message>
        <source>Save them before closing?</source>
        <translation>关闭前是否保存？</translation>
    </message>
    <message>
        <source>Models (%1);;Recipes (*.json);;All files (*)</source>
        <translation>模型 (%1);;配方 (*.json);;所有文件 (*)</translation>
    </message>
</context>
<context>
    <name>Message</name>
    <message>
        <source>Layers that run in float in ONNX Runtime and PyTorch because their results are added as float: {layers}. Set the residual branches to &quot;Integer (exports)&quot; to run them in integers.</source>
        <translation>因结果以浮点相加而在 ONNX Runtime 和 PyTorch 中以浮点运行的层：{layers} 个。将残差分支设为“整数（用于导出）”即可以整数运行。</translation>
    </message>
    <message>
        <source>Fashion-MNIST: 60 000 training and 10 000 test pictures of clothes, ten classes</source>
        <translation>Fashion-MNIST：60 000 张训练图像和 10 000 张测试图像，十类服饰</translation>
    </message>
    <message>
        <source>Fashion-MNIST subset: 3 000 training and 1 000 test pictures, shipped with Lathe</source>
        <translation>Fashion-MNIST 子集：3 000 张训练图像和 1 000 张测试图像，随 Lathe 提供</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is not quantized: its weight is computed in the model.</source>
        <translation>“{layer}”未量化：其权重在模型中计算得出。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is already quantized.</source>
        <translation>“{layer}”已经量化。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is kept in float: it stands in a branch or loop.</source>
        <translation>“{layer}”保持浮点：它位于分支或循环中。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is kept in float.</source>
        <translation>“{layer}”保持浮点。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; shares a weight that is already quantized.</source>
        <translation>“{layer}”共享的权重已经量化。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays float: dynamic quantization is for linear layers.</source>
        <translation>“{layer}”保持浮点：动态量化只用于线性层。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is skipped.</source>
        <translation>已跳过“{layer}”。</translation>
    </message>
    <message>
        <source>only a part of the channels of another layer would go with it</source>
        <translation>另一层只有部分通道会随之移除</translation>
    </message>
    <message>
        <source>Constants are computed when the recipe runs.</source>
        <translation>常量在运行配方时计算。</translation>
    </message>
    <message>
        <source>Continued after epoch {epoch} of an interrupted run.</source>
        <translation>从中断运行的第 {epoch} 轮之后继续。</translation>
    </message>
    <message>
        <source>Taken over from an earlier run of the same step.</source>
        <translation>沿用了此前同一步骤的运行结果。</translation>
    </message>
    <message>
        <source>The file has schema version {version}; Lathe knows {known}.</source>
        <translation>文件的模式版本为 {version}；Lathe 已知的是 {known}。</translation>
    </message>
    <message>
        <source>The size {size} is at least {least} and at most {most}.</source>
        <translation>尺寸 {size} 至少为 {least}，至多为 {most}。</translation>
    </message>
    <message>
        <source>The size {size} is at least {least}.</source>
        <translation>尺寸 {size} 至少为 {least}。</translation>
    </message>
    <message>
        <source>{names} name has more than {bytes} bytes and is cut; the numbers behind them keep them apart.</source>
        <translation>{names} 个名称超过 {bytes} 字节，已截短；其后的编号用于区分。</translation>
    </message>
    <message>
        <source>{names} names have more than {bytes} bytes and are cut; the numbers behind them keep them apart.</source>
        <translation>{names} 个名称超过 {bytes} 字节，已截短；其后的编号用于区分。</translation>
    </message>
    <message>
        <source>The model is quantized already: {layers} of {all} layer has integer weights. Quantization steps leave these as they are; open the float model to quantize it in another way.</source>
        <translation>模型已经量化：{all} 层中有 {layers} 层使用整数权重。量化步骤不会改动这些层；要以其他方式量化，请打开浮点模型。</translation>
    </message>
    <message>
        <source>The model is quantized already: {layers} of {all} layers have integer weights. Quantization steps leave these as they are; open the float model to quantize it in another way.</source>
        <translation>模型已经量化：{all} 层中有 {layers} 层使用整数权重。量化步骤不会改动这些层；要以其他方式量化，请打开浮点模型。</translation>
    </message>
    <message>
        <source>no integer kernel takes this value</source>
        <translation>没有整数内核使用此值</translation>
    </message>
    <message>
        <source>only the weights are quantized: they are restored once, the arithmetic is float</source>
        <translation>只有权重被量化：权重只还原一次，运算为浮点</translation>
    </message>
    <message>
        <source>its weights are not quantized: the arithmetic is float</source>
        <translation>其权重未量化：运算为浮点</translation>
    </message>
    <message>
        <source>no integer kernel for {operator}: the arithmetic is float</source>
        <translation>{operator} 没有整数内核：运算为浮点</translation>
    </message>
    <message>
        <source>its quantization is not of a form that integer kernels have: the arithmetic is float</source>
        <translation>其量化形式没有对应的整数内核：运算为浮点</translation>
    </message>
    <message>
        <source>the weight is restored once, when the plan is made</source>
        <translation>权重在生成执行计划时还原一次</translation>
    </message>
    <message>
        <source>FBGEMM&apos;s 16-bit sums could saturate on this CPU</source>
        <translation>FBGEMM 的 16 位求和在此 CPU 上可能饱和</translation>
    </message>
    <message>
        <source>this CPU has no VNNI: sums of 16-bit products are exact and as fast</source>
        <translation>此 CPU 没有 VNNI：16 位乘积求和既精确又同样快</translation>
    </message>
    <message>
        <source>Its outputs have shape {shape}, not {expected}.</source>
        <translation>其输出形状为 {shape}，而不是 {expected}。</translation>
    </message>
    <message>
        <source>Some of its outputs are not numbers (NaN or infinity).</source>
        <translation>其部分输出不是数值（NaN 或无穷大）。</translation>
    </message>
    <message>
        <source>This CPU has no VNNI: integer kernels of PyTorch and ONNX Runtime saturate on 8-bit activations. Set the integer range to &quot;Reduced (7 bits)&quot; or &quot;Automatic&quot; to keep them exact.</source>
        <translation>此 CPU 没有 VNNI：PyTorch 和 ONNX Runtime 的整数内核在 8 位激活上会饱和。将整数范围设为“缩减（7 位）”或“自动”可保持精确。</translation>
    </message>
    <message>
        <source>The rule of the step leaves {layers} of {all} layers out.</source>
        <translation>步骤的规则排除了 {all} 层中的 {layers} 层。</translation>
    </message>
    <message>
        <source>no layer fits &quot;{pattern}&quot;; nearest: &quot;{nearest}&quot;</source>
        <translation>没有与“{pattern}”匹配的层；最接近的是“{nearest}”</translation>
    </message>
    <message>
        <source>no layer fits &quot;{pattern}&quot;</source>
        <translation>没有与“{pattern}”匹配的层</translation>
    </message>
    <message>
        <source>&quot;where&quot; leaves every layer out</source>
        <translation>“where” 排除了所有层</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays float: static quantization is for convolutions and linear layers.</source>
        <translation>“{layer}”保持浮点：静态量化只用于卷积层和全连接层。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps all its weights: none of them is among those that go.</source>
        <translation>“{layer}”保留全部权重：其中没有要去掉的。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: the weights that go are zero already.</source>
        <translation>“{layer}”保持不变：要去掉的权重本来就是零。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps its {channels} channel: {reason}.</source>
        <translation>“{layer}”保留其 {channels} 个通道：{reason}。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps its {channels} channels: {reason}.</source>
        <translation>“{layer}”保留其 {channels} 个通道：{reason}。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps {kept} of {channels} channels: {reason}.</source>
        <translation>“{layer}”保留 {channels} 个通道中的 {kept} 个：{reason}。</translation>
    </message>
    <message>
        <source>it is coupled with &quot;{layer}&quot;, which is skipped</source>
        <translation>它与被跳过的“{layer}”相耦合</translation>
    </message>
    <message>
        <source>it is coupled with &quot;{layer}&quot;, whose ratio is {ratio}</source>
        <translation>它与比例为 {ratio} 的“{layer}”相耦合</translation>
    </message>
    <message>
        <source>its ratio is 0 %</source>
        <translation>其比例为 0 %</translation>
    </message>
    <message>
        <source>no layer can do without any</source>
        <translation>每层至少要有一个通道</translation>
    </message>
    <message>
        <source>their number is rounded up to a multiple of {multiple}</source>
        <translation>通道数向上取整为 {multiple} 的倍数</translation>
    </message>
    <message>
        <source>The rule of the step leaves &quot;{layer}&quot; out.</source>
        <translation>此步骤的规则不包括“{layer}”。</translation>
    </message>
    <message>
        <source>the shapes of &quot;{node}&quot; are not known</source>
        <translation>“{node}”的形状未知</translation>
    </message>
    <message>
        <source>the shape of &quot;{node}&quot; is not known</source>
        <translation>“{node}”的形状未知</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; is an output of the model</source>
        <translation>“{node}”是模型的输出</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; is an input of the model</source>
        <translation>“{node}”是模型的输入</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; is already quantized</source>
        <translation>“{node}”已经量化</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; is used in several places</source>
        <translation>“{node}”在多处使用</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; is a grouped convolution</source>
        <translation>“{node}”是分组卷积</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; sums over the channels</source>
        <translation>“{node}”对通道求和</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; spreads the channels over several dimensions</source>
        <translation>“{node}”把通道分散到多个维度</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; ({op}) may mix channels</source>
        <translation>“{node}”（{op}）可能混合通道</translation>
    </message>
    <message>
        <source>the weight of &quot;{node}&quot; is computed in the model</source>
        <translation>“{node}”的权重在模型中计算得出</translation>
    </message>
    <message>
        <source>channels are coupled through &quot;{node}&quot;</source>
        <translation>通道通过“{node}”相耦合</translation>
    </message>
    <message>
        <source>different channels meet in &quot;{node}&quot;</source>
        <translation>不同的通道在“{node}”中相遇</translation>
    </message>
    <message>
        <source>No channel was removed: the shapes of the model are not known. Choose data, so that Lathe can find them.</source>
        <translation>没有去掉任何通道：模型的形状未知。请选择数据，以便 Lathe 得出形状。</translation>
    </message>
    <message>
        <source>No channel was removed.</source>
        <translation>没有去掉任何通道。</translation>
    </message>
    <message>
        <source>No weight was set to zero.</source>
        <translation>没有权重被置零。</translation>
    </message>
    <message>
        <source>No layer was quantized.</source>
        <translation>没有层被量化。</translation>
    </message>
    <message>
        <source>Nothing to fold: no batch normalization stands directly behind a convolution or linear layer of its own.</source>
        <translation>没有可折叠的：没有批归一化紧跟在只供其使用的卷积层或全连接层之后。</translation>
    </message>
    <message>
        <source>Nothing to fuse: no ReLU stands directly behind a convolution of its own.</source>
        <translation>没有可融合的：没有 ReLU 紧跟在只供其使用的卷积层之后。</translation>
    </message>
    <message>
        <source>Nothing to fuse: no ReLU stands directly behind a linear layer of its own.</source>
        <translation>没有可融合的：没有 ReLU 紧跟在只供其使用的全连接层之后。</translation>
    </message>
    <message>
        <source>Nothing to compute: every operator depends on the input.</source>
        <translation>没有可预先计算的：所有算子都依赖输入。</translation>
    </message>
    <message>
        <source>Nothing to remove: every operator is needed.</source>
        <translation>没有可删除的：所有算子都需要。</translation>
    </message>
    <message>
        <source>Nothing is trained: the learning rate is 0.</source>
        <translation>没有训练任何东西：学习率为 0。</translation>
    </message>
    <message>
        <source>The model has no parameters to train.</source>
        <translation>模型没有可训练的参数。</translation>
    </message>
    <message>
        <source>Lathe&apos;s FP32 plan</source>
        <translation>Lathe 的 FP32 执行计划</translation>
    </message>
    <message>
        <source>Lathe&apos;s plan of the original</source>
        <translation>Lathe 对原始模型的执行计划</translation>
    </message>
    <message>
        <source>{disturbed} of {calls} calls were disturbed by other programs ({cores} cores busy).</source>
        <translation>{calls} 次调用中有 {disturbed} 次受到其他程序的干扰（占用 {cores} 个核心）。</translation>
    </message>
    <message>
        <source>{disturbed} of {calls} calls were disturbed by other machines on the same host ({share} % of the CPU time was stolen).</source>
        <translation>{calls} 次调用中有 {disturbed} 次受到同一主机上其他虚拟机的干扰（{share} % 的 CPU 时间被占用）。</translation>
    </message>
    <message>
        <source>{disturbed} of {calls} calls were disturbed by heat: the processor was slowed down.</source>
        <translation>{calls} 次调用中有 {disturbed} 次受到过热干扰：处理器降频了。</translation>
    </message>
    <message>
        <source>{disturbed} of {calls} calls were disturbed.</source>
        <translation>{calls} 次调用中有 {disturbed} 次受到干扰。</translation>
    </message>
    <message>
        <source>The ranges of activations were found with random input: they mean nothing for real data.</source>
        <translation>激活范围是用随机输入得到的：对真实数据没有意义。</translation>
    </message>
    <message>
        <source>Random input: for everything but accuracy, when there is no data</source>
        <translation>随机输入：没有数据时用于除准确率以外的一切</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; cannot be computed ahead: {reason}</source>
        <translation>无法预先计算“{node}”：{reason}</translation>
    </message>
    <message>
        <source>the shape of &quot;{node}&quot; does not fit its channels</source>
        <translation>“{node}”的形状与其通道不符</translation>
    </message>
    <message>
        <source>&quot;{weight}&quot; does not fit the channels of &quot;{node}&quot;</source>
        <translation>“{weight}”与“{node}”的通道不符</translation>
    </message>
    <message>
        <source>a weight of &quot;{node}&quot; is computed in the model</source>
        <translation>“{node}”的一个权重是在模型中计算的</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; ({op}) keeps its {weights} weights in float: this step is for convolutions, linear layers and embeddings.</source>
        <translation>“{layer}”（{op}）的 {weights} 个权重保持浮点：此步骤只用于卷积、线性层和嵌入。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stores its weights as integers, which makes the file smaller, and computes in float.</source>
        <translation>“{layer}”的权重以整数存储，文件因此变小，计算仍为浮点。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; ({op}) keeps its {weights} weights: pruning is for convolutions and linear layers.</source>
        <translation>“{layer}”（{op}）保留其 {weights} 个权重：剪枝只用于卷积和线性层。</translation>
    </message>
    <message>
        <source>{reason}: the arithmetic is float</source>
        <translation>{reason}：以浮点计算</translation>
    </message>
    <message>
        <source>a convolution has no range for each token</source>
        <translation>卷积没有按词元的范围</translation>
    </message>
    <message>
        <source>its weights are no bytes with a scale for all or for each output channel</source>
        <translation>其权重不是整体或按输出通道带缩放系数的字节</translation>
    </message>
    <message>
        <source>the sums of its products could leave 32 bits</source>
        <translation>其乘积之和可能超出 32 位</translation>
    </message>
    <message>
        <source>its stride, padding, dilation or groups are computed in the model</source>
        <translation>其步长、填充、空洞或分组由模型计算得出</translation>
    </message>
    <message>
        <source>its bias is no float32 weight</source>
        <translation>其偏置不是 float32 权重</translation>
    </message>
    <message>
        <source>training runs in float</source>
        <translation>训练以浮点进行</translation>
    </message>
    <message>
        <source>simulation was asked for</source>
        <translation>要求了模拟运行</translation>
    </message>
    <message>
        <source>integer kernels run on the CPU only</source>
        <translation>整数内核仅在 CPU 上运行</translation>
    </message>
    <message>
        <source>instead of {kernel}: {reason}</source>
        <translation>未用 {kernel}：{reason}</translation>
    </message>
    <message>
        <source>{before}; instead of {kernel}: {reason}</source>
        <translation>{before}；未用 {kernel}：{reason}</translation>
    </message>
    <message>
        <source>slower as a rule</source>
        <translation>通常较慢</translation>
    </message>
    <message>
        <source>measured slower: {microseconds} µs against {best} µs</source>
        <translation>实测较慢：{microseconds} µs，而所选为 {best} µs</translation>
    </message>
    <message>
        <source>nobody has measured it</source>
        <translation>尚无人测量过</translation>
    </message>
    <message>
        <source>the channels do not stand alone (groups: {groups})</source>
        <translation>各通道并非独立（分组数：{groups}）</translation>
    </message>
    <message>
        <source>it cannot choose the range of each input</source>
        <translation>它不能为每个输入选择范围</translation>
    </message>
    <message>
        <source>it cannot add another branch</source>
        <translation>它不能加上另一分支</translation>
    </message>
    <message>
        <source>of activations it has ReLU only</source>
        <translation>激活函数中它只有 ReLU</translation>
    </message>
    <message>
        <source>it gives bytes only, no floats</source>
        <translation>它只输出字节，不输出浮点数</translation>
    </message>
    <message>
        <source>Dimension {axis} of the input &quot;{input}&quot; is fixed to {size} in the file: the model leaves it free, but cannot be written with another size.</source>
        <translation>文件中输入“{input}”的第 {axis} 维固定为 {size}：模型本身不限定该维，但用其他大小无法写出。</translation>
    </message>
    <message>
        <source>&quot;{node}&quot; picks single channels</source>
        <translation>“{node}”挑选单个通道</translation>
    </message>
    <message>
        <source>it wants signed weights without zero points</source>
        <translation>它需要没有零点的有符号权重</translation>
    </message>
    <message>
        <source>How far the outputs are from the original&apos;s is not measured: in the batch from test sample {sample} on, output {output} has the shape {after}, and the original&apos;s {before}.</source>
        <translation>未测量输出与原模型的差距：从第 {sample} 个测试样本开始的批次中，输出 {output} 的形状为 {after}，而原模型的为 {before}。</translation>
    </message>
    <message>
        <source>How far the outputs are from the original&apos;s is not measured: there are {after}, and the original has {before}.</source>
        <translation>未测量输出与原模型的差距：输出有 {after} 个，而原模型有 {before} 个。</translation>
    </message>
    <message>
        <source>Training never stops early: no samples are set aside to see when it should.</source>
        <translation>训练不会提前停止：没有留出用于判断的样本。</translation>
    </message>
    <message>
        <source>Kept the weights of epoch {epoch}, the best on the samples that were set aside.</source>
        <translation>保留了第 {epoch} 轮的权重，它在留出的样本上最好。</translation>
    </message>
    <message>
        <source>Stopped after {epoch} of {epochs} epochs.</source>
        <translation>在 {epochs} 轮中的第 {epoch} 轮之后停止。</translation>
    </message>
    <message>
        <source>Nothing to re-estimate: the model has no batch normalization.</source>
        <translation>没有可重新估计的内容：模型没有批归一化。</translation>
    </message>
    <message>
        <source>No bias was moved: none has a counterpart in the original model.</source>
        <translation>没有移动偏置：原模型中没有与之对应的偏置。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps its bias: which of the original&apos;s channels it has cannot be told.</source>
        <translation>“{layer}”保留其偏置：无法判断它保留了原模型的哪些通道。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps its bias: no batch norm in front of it tells the mean of its input.</source>
        <translation>“{layer}”保留其偏置：前面没有批归一化可给出其输入的均值。</translation>
    </message>
    <message>
        <source>The means were taken from random input: they mean nothing for real data.</source>
        <translation>均值取自随机输入：对真实数据没有意义。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps its bias: the right mean would take the outputs farther from the original&apos;s.</source>
        <translation>“{layer}”保留其偏置：修正均值会使输出离原模型更远。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: its weight is computed in the model.</source>
        <translation>“{layer}”保持不变：其权重在模型中计算得出。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: it stands in a branch or loop.</source>
        <translation>“{layer}”保持不变：它位于分支或循环中。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: its weight is used in several places.</source>
        <translation>“{layer}”保持不变：其权重在多处使用。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: its stride or padding is computed in the model.</source>
        <translation>“{layer}”保持不变：其步长或填充在模型中计算得出。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: its kernel has no two sides to separate.</source>
        <translation>“{layer}”保持不变：其卷积核没有可分离的两个方向。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: with rank {rank} its {before} weights would be {after}.</source>
        <translation>“{layer}”保持不变：秩为 {rank} 时，其 {before} 个权重将变为 {after} 个。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot;: its MACs are not known without shapes; its parameters count.</source>
        <translation>“{layer}”：没有形状，MAC 数未知；改按参数计算。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; ({op}) keeps its {weights} weights: factorizing is for convolutions and linear layers.</source>
        <translation>“{layer}”（{op}）保留其 {weights} 个权重：分解只用于卷积层和线性层。</translation>
    </message>
    <message>
        <source>There are no real samples: the error of the weights counts instead of that of the outputs.</source>
        <translation>没有真实样本：以权重误差代替输出误差。</translation>
    </message>
    <message>
        <source>No layer was factorized.</source>
        <translation>没有层被分解。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; reads numbers in float: the tensor that it reads is written into after it was made.</source>
        <translation>“{layer}”按浮点读取输入：它读取的张量在生成之后还会被写入。</translation>
    </message>
    <message>
        <source>at least {minimum} channels of each layer stay</source>
        <translation>每层至少保留 {minimum} 个通道</translation>
    </message>
    <message>
        <source>channels of other layers matter less</source>
        <translation>其他层的通道更不重要</translation>
    </message>
    <message>
        <source>no batch norm scales them</source>
        <translation>没有批归一化对其缩放</translation>
    </message>
    <message>
        <source>no layer was seen to read them</source>
        <translation>没有观察到读取它们的层</translation>
    </message>
    <message>
        <source>Which channels go is found with data when the recipe runs: what is shown goes by the L2 norms.</source>
        <translation>移除哪些通道要在运行配方时由数据决定：此处显示的依据 L2 范数。</translation>
    </message>
    <message>
        <source>Channels were chosen with random input: that means nothing for real data.</source>
        <translation>通道是用随机输入选出的：对真实数据没有意义。</translation>
    </message>
    <message>
        <source>{ratio} of the parameters cannot go: {left} are left when all channels are removed that may be.</source>
        <translation>无法移除 {ratio} 的参数：移除所有可移除的通道后仍剩 {left}。</translation>
    </message>
    <message>
        <source>{ratio} of the MACs cannot go: {left} are left when all channels are removed that may be.</source>
        <translation>无法移除 {ratio} 的 MAC：移除所有可移除的通道后仍剩 {left}。</translation>
    </message>
    <message>
        <source>The model keeps state from call to call ({names}). Here each sample begins with the state in the file; exported models keep it as the original does.</source>
        <translation>模型在各次调用之间保留状态（{names}）。这里每个样本都从文件中的状态开始；导出的模型像原模型一样保留状态。</translation>
    </message>
    <message>
        <source>The input &quot;{input}&quot; is a dictionary: its entries are the inputs {inputs}.</source>
        <translation>输入“{input}”是一个字典：其条目为输入 {inputs}。</translation>
    </message>
    <message>
        <source>The input &quot;{input}&quot; is a list: its elements are the inputs {inputs}.</source>
        <translation>输入“{input}”是一个列表：其元素为输入 {inputs}。</translation>
    </message>
    <message>
        <source>The input &quot;{input}&quot; is a list of samples: each call has one, as a tensor with a batch of 1.</source>
        <translation>输入“{input}”是样本列表：每次调用包含一个样本，即批量为 1 的张量。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps {dense} of its {weights} weights dense: they fill no whole group of {pattern}.</source>
        <translation>“{layer}”的 {weights} 个权重中有 {dense} 个保持稠密：它们不足一个完整的 {pattern} 组。</translation>
    </message>
    <message>
        <source>Zeros do not make the model faster; they make .pt and .pt2 files smaller, not those of ONNX.</source>
        <translation>零不会使模型变快；它们使 .pt 和 .pt2 文件变小，ONNX 文件则不变。</translation>
    </message>
    <message>
        <source>There are no real samples: weights are judged by their magnitude.</source>
        <translation>没有真实样本：按权重的绝对值判断。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is pruned by magnitude: what it reads is not known.</source>
        <translation>“{layer}”按绝对值剪枝：不知道它读取什么。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is pruned by Wanda: it reads too many numbers at once for SparseGPT.</source>
        <translation>“{layer}”按 Wanda 剪枝：它一次读取的数太多，无法使用 SparseGPT。</translation>
    </message>
    <message>
        <source>Removed channels that &quot;{layer}&quot; read were constant ({channels}): they are part of its bias now.</source>
        <translation>“{layer}”所读取的被移除通道是常数（{channels} 个）：现已并入其偏置。</translation>
    </message>
    <message>
        <source>Removed channels that &quot;{layer}&quot; read were constant ({channels}): they are part of its bias now, except at the edges, where it pads with zeros.</source>
        <translation>“{layer}”所读取的被移除通道是常数（{channels} 个）：现已并入其偏置，但边缘处以零填充，除外。</translation>
    </message>
    <message>
        <source>Removed channels that &quot;{layer}&quot; read were constant ({channels}): it has no bias that could stand for them.</source>
        <translation>“{layer}”所读取的被移除通道是常数（{channels} 个）：它没有可以代替它们的偏置。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps {kept} channels ({fast} µs for its group) instead of {wanted} ({time} µs).</source>
        <translation>“{layer}”保留 {kept} 个通道（其所在组 {fast} µs）而非 {wanted} 个（{time} µs）。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; keeps its {kept} channels ({dense} µs for its group): {wanted} are not faster on this machine ({time} µs).</source>
        <translation>“{layer}”保留其 {kept} 个通道（其所在组 {dense} µs）：在此机器上 {wanted} 个并不更快（{time} µs）。</translation>
    </message>
    <message>
        <source>Widths are measured when the recipe runs.</source>
        <translation>宽度在运行配方时测量。</translation>
    </message>
    <message>
        <source>The block &quot;{block}&quot; stays: a layer of it is skipped.</source>
        <translation>块“{block}”保留：其中一层被跳过。</translation>
    </message>
    <message>
        <source>The block &quot;{block}&quot; goes: it changes what it gets by {influence} (1 is all of it).</source>
        <translation>块“{block}”被移除：它对输入的改变为 {influence}（1 表示全部改变）。</translation>
    </message>
    <message>
        <source>The block &quot;{block}&quot; stays: it changes what it gets by {influence} (1 is all of it).</source>
        <translation>块“{block}”保留：它对输入的改变为 {influence}（1 表示全部改变）。</translation>
    </message>
    <message>
        <source>{dropped} of {all} blocks go; which is found with data when the recipe runs.</source>
        <translation>{all} 个块中移除 {dropped} 个；具体哪些在运行配方时由数据决定。</translation>
    </message>
    <message>
        <source>Blocks were chosen with random input: that means nothing for real data.</source>
        <translation>块是用随机输入选出的：对真实数据没有意义。</translation>
    </message>
    <message>
        <source>No block was dropped: the model has too few sums of a tensor and a branch of the same shape.</source>
        <translation>没有移除任何块：模型中张量与同形状分支相加之处太少。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: its weights share the numbers of a codebook.</source>
        <translation>“{layer}”保持不变：它的权重共享码本中的数值。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is not quantized: its weights share the numbers of a codebook.</source>
        <translation>“{layer}”没有量化：它的权重共享码本中的数值。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; shares its numbers already.</source>
        <translation>“{layer}”已经共享数值。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; has the weight of a layer before it.</source>
        <translation>“{layer}”使用它前面一层的权重。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stays as it is: indices and codebooks take {after} bytes, the weight {before}.</source>
        <translation>“{layer}”保持不变：索引和码本需要 {after} 字节，权重为 {before} 字节。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; ({op}) keeps its {weights} weights: sharing is for convolutions, linear layers and embeddings.</source>
        <translation>“{layer}”（{op}）保留其 {weights} 个权重：共享只针对卷积、线性层和嵌入。</translation>
    </message>
    <message>
        <source>Shared weights are restored once when the model is loaded: the file gets smaller, not the time.</source>
        <translation>共享的权重在加载模型时还原一次：文件变小，耗时不变。</translation>
    </message>
    <message>
        <source>No weights share numbers now.</source>
        <translation>没有权重因此共享数值。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; has the weight of &quot;{other}&quot; now.</source>
        <translation>“{layer}”现在使用“{other}”的权重。</translation>
    </message>
    <message>
        <source>No two weights are alike.</source>
        <translation>没有两个权重相似。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; stores its weights in half precision, which makes the file smaller, and computes in float32.</source>
        <translation>“{layer}”以半精度存储权重，文件更小，计算仍用 float32。</translation>
    </message>
    <message>
        <source>this CPU does not multiply bfloat16: the rounded numbers are multiplied as float32</source>
        <translation>此 CPU 不支持 bfloat16 乘法：舍入后的数按 float32 相乘</translation>
    </message>
    <message>
        <source>no kernel multiplies float16 here: the rounded numbers are multiplied as float32</source>
        <translation>此处没有内核做 float16 乘法：舍入后的数按 float32 相乘</translation>
    </message>
    <message>
        <source>no bfloat16 kernel has this form: the rounded numbers are multiplied as float32</source>
        <translation>没有此种形式的 bfloat16 内核：舍入后的数按 float32 相乘</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>已取消。</translation>
    </message>
    <message>
        <source>There is not enough memory for this.</source>
        <translation>内存不足，无法完成此操作。</translation>
    </message>
    <message>
        <source>This failed in a way that Lathe did not expect; its log has the details.</source>
        <translation>操作以 Lathe 未预料的方式失败；详情见日志。</translation>
    </message>
    <message>
        <source>{problem} ({context})</source>
        <translation>{problem}（{context}）</translation>
    </message>
    <message>
        <source>{inner}, {outer}</source>
        <translation>{inner}，{outer}</translation>
    </message>
    <message>
        <source>{problem}.</source>
        <translation>{problem}。</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>读取</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>写入</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; does not exist.</source>
        <translation>“{file}”不存在。</translation>
    </message>
    <message>
        <source>The folder of &quot;{file}&quot; does not exist.</source>
        <translation>“{file}”所在的文件夹不存在。</translation>
    </message>
    <message>
        <source>{action} &quot;{file}&quot; is not permitted.</source>
        <translation>没有{action}“{file}”的权限。</translation>
    </message>
    <message>
        <source>{action} &quot;{file}&quot; is not possible: the disk is read-only.</source>
        <translation>无法{action}“{file}”：磁盘为只读。</translation>
    </message>
    <message>
        <source>{action} &quot;{file}&quot; is not possible: the disk is full.</source>
        <translation>无法{action}“{file}”：磁盘已满。</translation>
    </message>
    <message>
        <source>{action} &quot;{file}&quot; failed: {reason}.</source>
        <translation>{action}“{file}”失败：{reason}。</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; may not be read.</source>
        <translation>没有读取“{file}”的权限。</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; is a folder, not a file.</source>
        <translation>“{file}”是文件夹，不是文件。</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; is a device or pipe, not a file.</source>
        <translation>“{file}”是设备或管道，不是文件。</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; is larger than {bytes} bytes.</source>
        <translation>“{file}”大于 {bytes} 字节。</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; is gone.</source>
        <translation>“{file}”已不在了。</translation>
    </message>
    <message>
        <source>{what}: {reason}.</source>
        <translation>{what}：{reason}。</translation>
    </message>
    <message>
        <source>{what}: there is not enough memory.</source>
        <translation>{what}：内存不足。</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; {problem}</source>
        <translation>“{file}”{problem}</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; is a link to &quot;{target}&quot;, which does not exist.</source>
        <translation>“{file}”是指向“{target}”的链接，而后者不存在。</translation>
    </message>
    <message>
        <source>is a link that leads nowhere but to itself.</source>
        <translation>是只指向自身的链接。</translation>
    </message>
    <message>
        <source>is a folder, not a model file.</source>
        <translation>是文件夹，不是模型文件。</translation>
    </message>
    <message>
        <source>is empty.</source>
        <translation>是空的。</translation>
    </message>
    <message>
        <source>{problem} torch.save(model) writes such files; write the model itself with {how}.</source>
        <translation>{problem} torch.save(model) 会写出这样的文件；请用 {how} 写出模型本身。</translation>
    </message>
    <message>
        <source>was written by torch.save and holds weights (a state dict) without the model; load them into the model and write it with {how}.</source>
        <translation>由 torch.save 写出，只含权重（state dict）而不含模型；请将权重载入模型，再用 {how} 写出。</translation>
    </message>
    <message>
        <source>holds NumPy arrays (.npz), not a model.</source>
        <translation>含有 NumPy 数组（.npz），不是模型。</translation>
    </message>
    <message>
        <source>is a zip archive without a model in it.</source>
        <translation>是不含模型的 zip 归档。</translation>
    </message>
    <message>
        <source>is cut off: the end of the archive is missing.</source>
        <translation>不完整：缺少归档的末尾。</translation>
    </message>
    <message>
        <source>is a Python pickle, which could run any code when it is loaded; write the model with {how}.</source>
        <translation>是 Python pickle，载入时可能运行任意代码；请用 {how} 写出模型。</translation>
    </message>
    <message>
        <source>holds weights without the model (safetensors).</source>
        <translation>只含权重而不含模型（safetensors）。</translation>
    </message>
    <message>
        <source>is an HDF5 file (Keras), which cannot be opened; write the model as TorchScript.</source>
        <translation>是无法打开的 HDF5 文件（Keras）；请将模型写为 TorchScript。</translation>
    </message>
    <message>
        <source>is a LiteRT (TensorFlow Lite) model, which cannot be opened; write the model as TorchScript.</source>
        <translation>是无法打开的 LiteRT（TensorFlow Lite）模型；请将模型写为 TorchScript。</translation>
    </message>
    <message>
        <source>is a model for PyTorch&apos;s mobile interpreter, whose weights are not kept by name; write it with torch.jit.save.</source>
        <translation>是用于 PyTorch 移动端解释器的模型，其权重未按名称保存；请用 torch.jit.save 写出。</translation>
    </message>
    <message>
        <source>is a GGUF file, which cannot be opened; write the model as TorchScript.</source>
        <translation>是无法打开的 GGUF 文件；请将模型写为 TorchScript。</translation>
    </message>
    <message>
        <source>is not a model: its content is of no known format.</source>
        <translation>不是模型：其内容不属于任何已知格式。</translation>
    </message>
    <message>
        <source>was not opened: reading it and running it once takes longer than {seconds} s.</source>
        <translation>未打开：读取并运行一次所用时间超过 {seconds} 秒。</translation>
    </message>
    <message>
        <source>was not opened: it crashes the reader of models (signal {signal}), which runs apart from everything else.</source>
        <translation>未打开：它使独立运行的模型读取进程崩溃（信号 {signal}）。</translation>
    </message>
    <message>
        <source>was not opened: it takes more memory than a model of its size needs.</source>
        <translation>未打开：它占用的内存超过同等大小的模型所需。</translation>
    </message>
    <message>
        <source>was not opened: its weights take {bytes} when they are written out, but only {stored} are in the file (&quot;{weight}&quot; is {shape}).</source>
        <translation>未打开：其权重展开后占 {bytes}，而文件中只有 {stored}（“{weight}”为 {shape}）。</translation>
    </message>
    <message>
        <source>The process that reads models failed: {reason}</source>
        <translation>读取模型的进程失败：{reason}</translation>
    </message>
    <message>
        <source>The process that reads models gave an answer that makes no sense.</source>
        <translation>读取模型的进程给出了无意义的应答。</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; cannot be read as TorchScript</source>
        <translation>“{file}”无法作为 TorchScript 读取</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; cannot be read as an exported program</source>
        <translation>“{file}”无法作为导出的程序读取</translation>
    </message>
    <message>
        <source>it is empty</source>
        <translation>内容为空</translation>
    </message>
    <message>
        <source>it is not valid JSON</source>
        <translation>不是有效的 JSON</translation>
    </message>
    <message>
        <source>a number is too large</source>
        <translation>有数值过大</translation>
    </message>
    <message>
        <source>it is nested more than {levels} levels deep</source>
        <translation>嵌套超过 {levels} 层</translation>
    </message>
    <message>
        <source>the key &quot;{key}&quot; stands twice in one object</source>
        <translation>同一对象中键“{key}”出现两次</translation>
    </message>
    <message>
        <source>{problem} (line {line}, column {column})</source>
        <translation>{problem}（第 {line} 行，第 {column} 列）</translation>
    </message>
    <message>
        <source>The program &quot;{program}&quot; is not installed.</source>
        <translation>未安装程序“{program}”。</translation>
    </message>
    <message>
        <source>&quot;{program}&quot; was not done after {seconds} seconds.</source>
        <translation>“{program}”在 {seconds} 秒后仍未完成。</translation>
    </message>
    <message>
        <source>&quot;{program}&quot; writes too much.</source>
        <translation>“{program}”输出过多。</translation>
    </message>
    <message>
        <source>it was ended by signal {signal}</source>
        <translation>它被信号 {signal} 终止</translation>
    </message>
    <message>
        <source>The graph cannot be laid out because the program &quot;dot&quot; is not installed: install the package graphviz.</source>
        <translation>无法布局图：未安装程序“dot”，请安装软件包 graphviz。</translation>
    </message>
    <message>
        <source>The graph cannot be laid out: {reason}</source>
        <translation>无法布局图：{reason}</translation>
    </message>
    <message>
        <source>Graphviz could not lay the graph out: {reason}</source>
        <translation>Graphviz 无法布局图：{reason}</translation>
    </message>
    <message>
        <source>&apos;{device}&apos; is not a device: use cpu, cuda or cuda:N.</source>
        <translation>“{device}”不是设备：请使用 cpu、cuda 或 cuda:N。</translation>
    </message>
    <message>
        <source>{device}: {reason}</source>
        <translation>{device}：{reason}</translation>
    </message>
    <message>
        <source>There is no {device}: this machine has {count} GPU.</source>
        <translation>没有 {device}：此计算机有 {count} 个 GPU。</translation>
    </message>
    <message>
        <source>There is no {device}: this machine has {count} GPUs.</source>
        <translation>没有 {device}：此计算机有 {count} 个 GPU。</translation>
    </message>
    <message>
        <source>The CUDA plug-in liblathe_cuda.so is neither beside the program nor in ../lib.</source>
        <translation>CUDA 插件 liblathe_cuda.so 既不在程序旁，也不在 ../lib 中。</translation>
    </message>
    <message>
        <source>The CUDA plug-in {file} cannot be loaded: {reason}.</source>
        <translation>无法加载 CUDA 插件 {file}：{reason}。</translation>
    </message>
    <message>
        <source>The CUDA plug-in {file} is of another version of Lathe.</source>
        <translation>CUDA 插件 {file} 属于另一版本的 Lathe。</translation>
    </message>
    <message>
        <source>step {number}</source>
        <translation>步骤 {number}</translation>
    </message>
    <message>
        <source>step {number} ({op})</source>
        <translation>步骤 {number}（{op}）</translation>
    </message>
    <message>
        <source>{place}, layer &quot;{layer}&quot;</source>
        <translation>{place}，层“{layer}”</translation>
    </message>
    <message>
        <source>{place}: {problem}</source>
        <translation>{place}：{problem}</translation>
    </message>
    <message>
        <source>unknown {kind} &quot;{name}&quot;</source>
        <translation>未知的{kind}“{name}”</translation>
    </message>
    <message>
        <source>unknown {kind} &quot;{name}&quot;; did you mean &quot;{nearest}&quot;?</source>
        <translation>未知的{kind}“{name}”；是否指“{nearest}”？</translation>
    </message>
    <message>
        <source>parameter</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>op</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>key</source>
        <translation>键</translation>
    </message>
    <message>
        <source>&quot;{key}&quot; is missing</source>
        <translation>缺少“{key}”</translation>
    </message>
    <message>
        <source>&quot;{key}&quot; must be {kind}, not {value}</source>
        <translation>“{key}”必须为：{kind}；当前为 {value}</translation>
    </message>
    <message>
        <source>must be an object, not {value}</source>
        <translation>必须为对象，而不是 {value}</translation>
    </message>
    <message>
        <source>a recipe must be an object, not {value}</source>
        <translation>配方必须为对象，而不是 {value}</translation>
    </message>
    <message>
        <source>the preprocessing must be an object</source>
        <translation>预处理必须为对象</translation>
    </message>
    <message>
        <source>the evaluation must be an object</source>
        <translation>评估必须为对象</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true 或 false</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>an object</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>a list</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>a list of patterns</source>
        <translation>模式列表</translation>
    </message>
    <message>
        <source>64 hexadecimal digits</source>
        <translation>64 位十六进制数字</translation>
    </message>
    <message>
        <source>one of {names}</source>
        <translation>以下之一：{names}</translation>
    </message>
    <message>
        <source>between {least} and {most}</source>
        <translation>{least} 到 {most}</translation>
    </message>
    <message>
        <source>&quot;{key}&quot; can only be set for the whole step</source>
        <translation>“{key}”只能为整个步骤设置</translation>
    </message>
    <message>
        <source>&quot;where&quot; is for steps that prune, factorize, share, train or quantize</source>
        <translation>“where” 只用于剪枝、分解、共享、训练或量化的步骤</translation>
    </message>
    <message>
        <source>&quot;where&quot; must hold patterns (&quot;conv*&quot;, &quot;!last&quot;), not {value}</source>
        <translation>“where” 必须含有模式（“conv*”、“!last”），而不是 {value}</translation>
    </message>
    <message>
        <source>this is not a recipe: &quot;lathe&quot; (the version of the format) is missing</source>
        <translation>这不是配方：缺少“lathe”（格式版本）</translation>
    </message>
    <message>
        <source>this recipe was written by a newer Lathe (format {format}; this one reads format {known})</source>
        <translation>此配方由更新的 Lathe 写出（格式 {format}；当前版本读取格式 {known}）</translation>
    </message>
    <message>
        <source>The recipe is bound to another model (SHA-256 {wanted}…, not {found}…); without its &quot;model&quot; entry it is for any.</source>
        <translation>配方绑定到另一模型（SHA-256 {wanted}…，而不是 {found}…）；去掉其“model”项后可用于任何模型。</translation>
    </message>
    <message>
        <source>&quot;{op}&quot; is not a step.</source>
        <translation>“{op}”不是步骤。</translation>
    </message>
    <message>
        <source>the model has no layer &quot;{layer}&quot;</source>
        <translation>模型没有层“{layer}”</translation>
    </message>
    <message>
        <source>the model has no layer &quot;{layer}&quot;; did you mean &quot;{nearest}&quot;?</source>
        <translation>模型没有层“{layer}”；是否指“{nearest}”？</translation>
    </message>
    <message>
        <source>&quot;{value}&quot; was NaN or infinite on the samples.</source>
        <translation>“{value}”在样本上为 NaN 或无穷大。</translation>
    </message>
    <message>
        <source>A preview computes nothing.</source>
        <translation>预览不进行计算。</translation>
    </message>
    <message>
        <source>Static quantization needs data to find the activation ranges.</source>
        <translation>静态量化需要数据来确定激活的范围。</translation>
    </message>
    <message>
        <source>&quot;{value}&quot; was NaN or infinite {times} times on the calibration samples.</source>
        <translation>“{value}”在校准样本上有 {times} 次为 NaN 或无穷大。</translation>
    </message>
    <message>
        <source>Calibration never computed &quot;{value}&quot;.</source>
        <translation>校准从未计算“{value}”。</translation>
    </message>
    <message>
        <source>Pruning by &quot;{criterion}&quot; needs data.</source>
        <translation>按“{criterion}”剪枝需要数据。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; shares the numbers of a codebook; move the pruning step before the sharing.</source>
        <translation>“{layer}”共享码本中的数值；请将剪枝步骤移到共享之前。</translation>
    </message>
    <message>
        <source>&quot;{layer}&quot; is already quantized; move the pruning step before the quantization.</source>
        <translation>“{layer}”已经量化；请将剪枝步骤移到量化之前。</translation>
    </message>
    <message>
        <source>The pattern &quot;{pattern}&quot; is none that weights can have: N:M keeps N of M input channels (2:4, 4:8, 1:4; M up to {group}), RxC removes blocks of R outputs by C inputs (1x16, 4x4; up to {block} each).</source>
        <translation>权重不能采用模式“{pattern}”：N:M 在 M 个输入通道中保留 N 个（2:4、4:8、1:4；M 至多为 {group}），RxC 去掉 R 个输出乘 C 个输入的块（1x16、4x4；各至多 {block}）。</translation>
    </message>
    <message>
        <source>Dropping blocks needs data.</source>
        <translation>丢弃块需要数据。</translation>
    </message>
    <message>
        <source>Statistics of batch norms need data.</source>
        <translation>批归一化的统计量需要数据。</translation>
    </message>
    <message>
        <source>Correcting biases needs data (or &quot;from&quot;: &quot;batch_norm&quot;).</source>
        <translation>校正偏置需要数据（或 &quot;from&quot;: &quot;batch_norm&quot;）。</translation>
    </message>
    <message>
        <source>Folding &quot;{batchNorm}&quot; into &quot;{layer}&quot; gives NaN or infinity: check its variance.</source>
        <translation>将“{batchNorm}”折叠进“{layer}”得到 NaN 或无穷大：请检查其方差。</translation>
    </message>
    <message>
        <source>&quot;{batchNorm}&quot; has {channels} channels, but &quot;{layer}&quot; has {wanted}.</source>
        <translation>“{batchNorm}”有 {channels} 个通道，而“{layer}”有 {wanted} 个。</translation>
    </message>
    <message>
        <source>&quot;{weight}&quot; holds {type} and not floating-point numbers.</source>
        <translation>“{weight}”的元素为 {type}，而不是浮点数。</translation>
    </message>
    <message>
        <source>&quot;{weight}&quot; holds NaN or infinity (first at element {element}).</source>
        <translation>“{weight}”含有 NaN 或无穷大（首个在第 {element} 个元素）。</translation>
    </message>
    <message>
        <source>Fine-tuning needs data.</source>
        <translation>微调需要数据。</translation>
    </message>
    <message>
        <source>&quot;class_weights&quot; must be &quot;balanced&quot; or numbers of 0 or more with commas (&quot;1, 0.5, 2&quot;), not &quot;{value}&quot;.</source>
        <translation>“class_weights” 必须为“balanced”或以逗号分隔的非负数（“1, 0.5, 2”），而不是“{value}”。</translation>
    </message>
    <message>
        <source>Training needs a batch size of 1 or more.</source>
        <translation>训练需要至少为 1 的批大小。</translation>
    </message>
    <message>
        <source>No samples can be set aside: there is only one of {data} to train with.</source>
        <translation>无法留出样本：{data} 只有一个可用于训练的样本。</translation>
    </message>
    <message>
        <source>There is no teacher to learn from.</source>
        <translation>没有可供学习的教师。</translation>
    </message>
    <message>
        <source>The training loss is not a finite number any more: a smaller learning rate may help.</source>
        <translation>训练损失不再是有限数值：减小学习率可能有帮助。</translation>
    </message>
    <message>
        <source>The model has no parameters.</source>
        <translation>模型没有参数。</translation>
    </message>
    <message>
        <source>{data} has no labels: the gradients of the loss cannot be told.</source>
        <translation>{data} 没有标签：无法求得损失的梯度。</translation>
    </message>
    <message>
        <source>The teacher has {teacher} outputs, but the model {model}.</source>
        <translation>教师有 {teacher} 个输出，而模型有 {model} 个。</translation>
    </message>
    <message>
        <source>Output {output} of the teacher is {teacher}, but that of the model {model}.</source>
        <translation>教师的第 {output} 个输出为 {teacher}，而模型的为 {model}。</translation>
    </message>
    <message>
        <source>No convolution or linear layer of the model has the name of one of the teacher&apos;s: there are no features to compare.</source>
        <translation>模型中没有与教师同名的卷积层或全连接层：没有可比较的特征。</translation>
    </message>
    <message>
        <source>No layer of the model gives features that can be compared with those of the teacher&apos;s layer of its name.</source>
        <translation>模型中没有层的特征能与教师的同名层相比较。</translation>
    </message>
    <message>
        <source>Huber&apos;s loss is for numbers, but the task of the model is &quot;{task}&quot;.</source>
        <translation>Huber 损失用于数值，而模型的任务是“{task}”。</translation>
    </message>
    <message>
        <source>The Dice loss is for maps of classes, but the task of the model is &quot;{task}&quot;.</source>
        <translation>Dice 损失用于类别图，而模型的任务是“{task}”。</translation>
    </message>
    <message>
        <source>{data} has the label {label}, but the model has only {outputs} outputs.</source>
        <translation>{data} 有标签 {label}，而模型只有 {outputs} 个输出。</translation>
    </message>
    <message>
        <source>The model is quantized ({node}): fine-tuning must come before quantization.</source>
        <translation>模型已量化（{node}）：微调必须在量化之前。</translation>
    </message>
    <message>
        <source>The model is quantized ({node}): gradients must be taken before quantization.</source>
        <translation>模型已量化（{node}）：梯度必须在量化之前求取。</translation>
    </message>
    <message>
        <source>The model is quantized ({node}) and {reason}: fine-tuning must come before quantization.</source>
        <translation>模型已量化（{node}），且{reason}：微调必须在量化之前。</translation>
    </message>
    <message>
        <source>the grid of its weight is not known</source>
        <translation>其权重的量化网格未知</translation>
    </message>
    <message>
        <source>its integers have several readers</source>
        <translation>其整数在多处读取</translation>
    </message>
    <message>
        <source>its integers come from no quantize node</source>
        <translation>其整数不是来自量化节点</translation>
    </message>
    <message>
        <source>the grid is chosen while the model runs</source>
        <translation>量化网格在模型运行时选定</translation>
    </message>
    <message>
        <source>its grid is not one for the whole tensor</source>
        <translation>其量化网格不是整个张量共用一个</translation>
    </message>
    <message>
        <source>its integers are computed with</source>
        <translation>其整数参与计算</translation>
    </message>
    <message>
        <source>No data set was named.</source>
        <translation>未指定数据集。</translation>
    </message>
    <message>
        <source>There is no data set, folder or file &quot;{data}&quot;.</source>
        <translation>没有名为“{data}”的数据集、文件夹或文件。</translation>
    </message>
    <message>
        <source>There is no data set, folder or file &quot;{data}&quot;; did you mean &quot;{nearest}&quot;?</source>
        <translation>没有名为“{data}”的数据集、文件夹或文件；是否指“{nearest}”？</translation>
    </message>
    <message>
        <source>Random input is made for a model; without one there is nothing to show.</source>
        <translation>随机输入依模型生成；没有模型就没有可显示的内容。</translation>
    </message>
    <message>
        <source>&quot;{option}&quot; is not an option of a folder with IDX files, which is pad=N with N from 0 to 1024.</source>
        <translation>“{option}”不是 IDX 文件夹的选项；可用的是 pad=N，N 为 0 到 1024。</translation>
    </message>
    <message>
        <source>&quot;{option}&quot; is not an option of a file, which has none.</source>
        <translation>“{option}”不是文件的选项；文件没有选项。</translation>
    </message>
    <message>
        <source>There is no data to look at.</source>
        <translation>没有可供观察的数据。</translation>
    </message>
    <message>
        <source>There is no data to find gradients with.</source>
        <translation>没有可用于求梯度的数据。</translation>
    </message>
    <message>
        <source>There is no data to train with.</source>
        <translation>没有可用于训练的数据。</translation>
    </message>
    <message>
        <source>Say either the data or the input shape that the models are measured with.</source>
        <translation>请指定测量模型所用的数据或输入形状之一。</translation>
    </message>
    <message>
        <source>Samples of shape {shape} do not fit the model &quot;{model}&quot;: {reason}</source>
        <translation>形状为 {shape} 的样本不适合模型“{model}”：{reason}</translation>
    </message>
    <message>
        <source>{problem}. Say the shape of the input without the batch, as in random:{input}=3x64x64.</source>
        <translation>{problem}。请指定不含批维度的输入形状，如 random:{input}=3x64x64。</translation>
    </message>
    <message>
        <source>The model takes {inputs} inputs, but {data} has samples for one.</source>
        <translation>模型有 {inputs} 个输入，而 {data} 只有一个输入的样本。</translation>
    </message>
    <message>
        <source>The model takes {inputs} inputs, but {data} has samples for {given}.</source>
        <translation>模型有 {inputs} 个输入，而 {data} 有 {given} 个输入的样本。</translation>
    </message>
    <message>
        <source>The samples of {data} are {shape}, which the model cannot take: {reason}</source>
        <translation>{data} 的样本为 {shape}，模型无法接受：{reason}</translation>
    </message>
    <message>
        <source>{data}: there are no samples.</source>
        <translation>{data}：没有样本。</translation>
    </message>
    <message>
        <source>{data} has no test samples.</source>
        <translation>{data} 没有测试样本。</translation>
    </message>
    <message>
        <source>The data has no test samples to write outputs for.</source>
        <translation>数据没有可写出输出的测试样本。</translation>
    </message>
    <message>
        <source>{data} has no training samples.</source>
        <translation>{data} 没有训练样本。</translation>
    </message>
    <message>
        <source>{data} has no labels to train with; a teacher could take their place.</source>
        <translation>{data} 没有可用于训练的标签；可改用教师。</translation>
    </message>
    <message>
        <source>{data} has no labels, which &quot;{task}&quot; needs.</source>
        <translation>{data} 没有“{task}”所需的标签。</translation>
    </message>
    <message>
        <source>{data}: only one of the training and the test samples has labels.</source>
        <translation>{data}：训练样本和测试样本中只有一方有标签。</translation>
    </message>
    <message>
        <source>{data}: {problem}.</source>
        <translation>{data}：{problem}。</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>the {split} samples are a single number, not a batch of samples</source>
        <translation>{split}样本是单个数值，而不是一批样本</translation>
    </message>
    <message>
        <source>one input has {samples} {split} samples, but another the shape {shape}</source>
        <translation>一个输入有 {samples} 个{split}样本，而另一个的形状为 {shape}</translation>
    </message>
    <message>
        <source>there are {samples} {split} samples, but labels of the shape {shape}</source>
        <translation>有 {samples} 个{split}样本，而标签的形状为 {shape}</translation>
    </message>
    <message>
        <source>the {split} labels are {type}, but there are classes</source>
        <translation>{split}标签为 {type}，但有类别</translation>
    </message>
    <message>
        <source>a label of the {split} samples is no number (NaN or infinity)</source>
        <translation>{split}样本有标签不是数值（NaN 或无穷大）</translation>
    </message>
    <message>
        <source>the label of {split} sample {sample} is {label}, but labels must be {range}</source>
        <translation>{split}样本 {sample} 的标签为 {label}，而标签必须为：{range}</translation>
    </message>
    <message>
        <source>0 or more</source>
        <translation>0 或更大</translation>
    </message>
    <message>
        <source>&quot;{folder}&quot; holds no files with one of the endings {endings}.</source>
        <translation>“{folder}”中没有扩展名为 {endings} 的文件。</translation>
    </message>
    <message>
        <source>The images of {data} differ in size: &quot;{one}&quot; is {size}, &quot;{other}&quot; is {otherSize}; give the recipe a preprocessing with &quot;resize&quot; and &quot;crop&quot;.</source>
        <translation>{data} 的图像大小不一：“{one}”为 {size}，“{other}”为 {otherSize}；请为配方设置含“resize”和“crop”的预处理。</translation>
    </message>
    <message>
        <source>The images of {data} take more than half of this machine&apos;s memory; use fewer, or a smaller &quot;resize&quot; in the recipe&apos;s preprocessing.</source>
        <translation>{data} 的图像占用超过此计算机一半的内存；请减少图像，或在配方的预处理中减小“resize”。</translation>
    </message>
    <message>
        <source>There is no folder {folder}.</source>
        <translation>没有文件夹 {folder}。</translation>
    </message>
    <message>
        <source>The folder {folder} holds no images in IDX files (train-images-idx3-ubyte, t10k-images-idx3-ubyte, plain or .gz).</source>
        <translation>文件夹 {folder} 中没有 IDX 文件的图像（train-images-idx3-ubyte、t10k-images-idx3-ubyte，未压缩或 .gz）。</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>没有文件 {file}。</translation>
    </message>
    <message>
        <source>{file} is not a file.</source>
        <translation>{file} 不是文件。</translation>
    </message>
    <message>
        <source>{file} is empty.</source>
        <translation>{file} 是空的。</translation>
    </message>
    <message>
        <source>{file} cannot be read.</source>
        <translation>无法读取 {file}。</translation>
    </message>
    <message>
        <source>{file} is not an .npz file, or it is truncated: no zip directory was found.</source>
        <translation>{file} 不是 .npz 文件或不完整：未找到 zip 目录。</translation>
    </message>
    <message>
        <source>The array &quot;{array}&quot; of {file} {problem}.</source>
        <translation>{file} 的数组“{array}”有问题：{problem}。</translation>
    </message>
    <message>
        <source>{file} holds no array &quot;{array}&quot;, which the recipe names for the labels.</source>
        <translation>{file} 中没有数组“{array}”，而配方指定它为标签。</translation>
    </message>
    <message>
        <source>{file} holds no samples: an array &quot;x&quot; is needed.</source>
        <translation>{file} 中没有样本：需要数组“x”。</translation>
    </message>
    <message>
        <source>there are no rows</source>
        <translation>没有行</translation>
    </message>
    <message>
        <source>no column is left for the model to see</source>
        <translation>没有留给模型的列</translation>
    </message>
    <message>
        <source>there is no column &quot;{column}&quot;</source>
        <translation>没有列“{column}”</translation>
    </message>
    <message>
        <source>there is no column &quot;{column}&quot;; the nearest is &quot;{nearest}&quot;</source>
        <translation>没有列“{column}”；最接近的是“{nearest}”</translation>
    </message>
    <message>
        <source>&quot;{option}&quot; is not an option of random input, which are seed=1, samples=64, seq=128 (a free size) and x=3x224x224 (the shape of an input, without the batch).</source>
        <translation>“{option}”不是随机输入的选项；可用的有 seed=1、samples=64、seq=128（自由尺寸）和 x=3x224x224（不含批维度的输入形状）。</translation>
    </message>
    <message>
        <source>The file does not say the shape of the input &quot;{input}&quot;: random input needs it, as in random:{key}=3x224x224 (without the batch).</source>
        <translation>文件未说明输入“{input}”的形状：随机输入需要它，如 random:{key}=3x224x224（不含批维度）。</translation>
    </message>
    <message>
        <source>The model takes no input.</source>
        <translation>模型没有输入。</translation>
    </message>
    <message>
        <source>The model has no input and no free size &quot;{name}&quot;.</source>
        <translation>模型没有名为“{name}”的输入或自由尺寸。</translation>
    </message>
    <message>
        <source>The model has no input and no free size &quot;{name}&quot;; did you mean &quot;{nearest}&quot;?</source>
        <translation>模型没有名为“{name}”的输入或自由尺寸；是否指“{nearest}”？</translation>
    </message>
    <message>
        <source>The model has only {outputs} outputs.</source>
        <translation>模型只有 {outputs} 个输出。</translation>
    </message>
    <message>
        <source>The model&apos;s output for {samples} samples of {shape} is {output}, but one row for each sample is needed.</source>
        <translation>对于 {samples} 个形状为 {shape} 的样本，模型的输出为 {output}，但每个样本需要一行。</translation>
    </message>
    <message>
        <source>The model&apos;s output for {samples} samples of {data} is {output}, but one row of class scores for each sample is needed.</source>
        <translation>对于 {data} 的 {samples} 个样本，模型的输出为 {output}，但每个样本需要一行类别得分。</translation>
    </message>
    <message>
        <source>Test sample {sample} of {data} has the label {label}, but the model has only {outputs} outputs.</source>
        <translation>{data} 的测试样本 {sample} 的标签为 {label}，而模型只有 {outputs} 个输出。</translation>
    </message>
    <message>
        <source>A part of the test samples of {data} has the label {label}, but the model has only {outputs} outputs.</source>
        <translation>{data} 的部分测试样本的标签为 {label}，而模型只有 {outputs} 个输出。</translation>
    </message>
    <message>
        <source>The batch size must be 1 or more.</source>
        <translation>批大小必须至少为 1。</translation>
    </message>
    <message>
        <source>Measuring quality failed: {reason}</source>
        <translation>质量测量失败：{reason}</translation>
    </message>
    <message>
        <source>The original model gives outputs that are not numbers (NaN or infinity) on {samples} of {all} test samples.</source>
        <translation>原始模型在 {all} 个测试样本中的 {samples} 个上给出非数值输出（NaN 或无穷大）。</translation>
    </message>
    <message>
        <source>The optimized model gives outputs that are not numbers (NaN or infinity) on {samples} of {all} test samples.</source>
        <translation>优化后的模型在 {all} 个测试样本中的 {samples} 个上给出非数值输出（NaN 或无穷大）。</translation>
    </message>
    <message>
        <source>That model is not open.</source>
        <translation>该模型未打开。</translation>
    </message>
    <message>
        <source>The model has no layer &quot;{layer}&quot; with weights.</source>
        <translation>模型没有带权重的层“{layer}”。</translation>
    </message>
    <message>
        <source>The model has no output that is a tensor.</source>
        <translation>模型没有张量输出。</translation>
    </message>
    <message>
        <source>There is not enough memory to hand over the model.</source>
        <translation>内存不足，无法移交模型。</translation>
    </message>
    <message>
        <source>{node}: {problem}</source>
        <translation>{node}：{problem}</translation>
    </message>
    <message>
        <source>The operator {op} is not known.</source>
        <translation>未知的运算符 {op}。</translation>
    </message>
    <message>
        <source>PyTorch has no kernel for {op} on the CPU.</source>
        <translation>PyTorch 在 CPU 上没有 {op} 的内核。</translation>
    </message>
    <message>
        <source>PyTorch has {op} only for its own quantized tensors, and Lathe has no counterpart of it; open the float model.</source>
        <translation>PyTorch 只为其自身的量化张量提供 {op}，Lathe 没有对应实现；请打开浮点模型。</translation>
    </message>
    <message>
        <source>The operator {op} reaches out of the model, to files or other machines; it is never run.</source>
        <translation>运算符 {op} 会访问模型之外的文件或其他计算机；绝不会运行它。</translation>
    </message>
    <message>
        <source>The model uses Python objects while it runs, which cannot be followed.</source>
        <translation>模型在运行时使用 Python 对象，无法跟踪。</translation>
    </message>
    <message>
        <source>The model draws random numbers each time it runs ({operators}): its outputs differ from run to run.</source>
        <translation>模型每次运行都会抽取随机数（{operators}）：各次运行的输出不同。</translation>
    </message>
    <message>
        <source>The model was recorded while it was training; as after model.eval(), these run as in evaluation: {operators}.</source>
        <translation>模型是在训练模式下记录的；与 model.eval() 之后一样，以下部分按评估模式运行：{operators}。</translation>
    </message>
    <message>
        <source>The model keeps state from call to call ({names}) that is no tensor and no number. Here each run begins with the state in the file, and what a run leaves behind is not kept.</source>
        <translation>模型在各次调用之间保留既非张量也非数值的状态（{names}）。在此每次运行都从文件中的状态开始，运行留下的状态不会保留。</translation>
    </message>
    <message>
        <source>The signature of the model&apos;s call ({part}) is not read: {reason}</source>
        <translation>未读取模型调用的签名（{part}）：{reason}</translation>
    </message>
    <message>
        <source>The exported model loses state that the original keeps from call to call: lists and other things that are no tensors begin anew in each call.</source>
        <translation>导出的模型会失去原始模型在各次调用之间保留的状态：列表及其他非张量内容在每次调用时重新开始。</translation>
    </message>
    <message>
        <source>The model cannot be written.</source>
        <translation>无法写出模型。</translation>
    </message>
    <message>
        <source>The model cannot be written as ONNX: {reason}.</source>
        <translation>无法将模型写为 ONNX：{reason}。</translation>
    </message>
    <message>
        <source>The model cannot be written as TorchScript</source>
        <translation>无法将模型写为 TorchScript</translation>
    </message>
    <message>
        <source>The model cannot be written as an exported program</source>
        <translation>无法将模型写为导出的程序</translation>
    </message>
    <message>
        <source>{node} ({op}) cannot be written as TorchScript</source>
        <translation>{node}（{op}）无法写为 TorchScript</translation>
    </message>
    <message>
        <source>{node} ({op}) cannot be written as an exported program</source>
        <translation>{node}（{op}）无法写为导出的程序</translation>
    </message>
    <message>
        <source>{node} ({op}) decides while the model runs what is computed, which cannot be written as {format}; TorchScript can say it.</source>
        <translation>{node}（{op}）在模型运行时决定计算内容，无法写为 {format}；TorchScript 可以表示。</translation>
    </message>
    <message>
        <source>the node {node} lacks an operand</source>
        <translation>节点 {node} 缺少操作数</translation>
    </message>
    <message>
        <source>it is larger than the 2 GiB that an ONNX file can be</source>
        <translation>其大小超过 ONNX 文件的 2 GiB 上限</translation>
    </message>
    <message>
        <source>{program} failed: {reason}</source>
        <translation>{program} 失败：{reason}</translation>
    </message>
    <message>
        <source>{program} gave no answer that can be read: {reason}</source>
        <translation>{program} 的应答无法读取：{reason}</translation>
    </message>
    <message>
        <source>{program} wrote no outputs that can be read: {reason}</source>
        <translation>{program} 写出的输出无法读取：{reason}</translation>
    </message>
    <message>
        <source>The exported file could not be checked in a new process: {reason}</source>
        <translation>无法在新进程中检查导出的文件：{reason}</translation>
    </message>
    <message>
        <source>The history &quot;{file}&quot; cannot be used: {reason}. It was left as it is.</source>
        <translation>无法使用历史记录“{file}”：{reason}。该文件保持原样。</translation>
    </message>
    <message>
        <source>The history &quot;{file}&quot; cannot be written: {reason}.</source>
        <translation>无法写入历史记录“{file}”：{reason}。</translation>
    </message>
    <message>
        <source>The history &quot;{file}&quot; is locked by another program; try again when that one is done.</source>
        <translation>历史记录“{file}”被另一程序锁定；请待其结束后重试。</translation>
    </message>
    <message>
        <source>The history &quot;{file}&quot; could not be used: {reason} (SQLite code {code}).</source>
        <translation>无法使用历史记录“{file}”：{reason}（SQLite 代码 {code}）。</translation>
    </message>
    <message>
        <source>The folder &quot;{folder}&quot; for the history cannot be created: {reason}.</source>
        <translation>无法创建历史记录的文件夹“{folder}”：{reason}。</translation>
    </message>
    <message>
        <source>it is a folder</source>
        <translation>它是文件夹</translation>
    </message>
    <message>
        <source>it is not a regular file</source>
        <translation>它不是普通文件</translation>
    </message>
    <message>
        <source>it is a SQLite file of another program</source>
        <translation>它是另一程序的 SQLite 文件</translation>
    </message>
    <message>
        <source>it was written by a newer Lathe (schema version {version}, this one reads up to {latest})</source>
        <translation>它由更新的 Lathe 写出（模式版本 {version}，当前版本最高读取 {latest}）</translation>
    </message>
    <message>
        <source>it is not a SQLite file</source>
        <translation>它不是 SQLite 文件</translation>
    </message>
    <message>
        <source>it is damaged</source>
        <translation>它已损坏</translation>
    </message>
    <message>
        <source>it is damaged ({how})</source>
        <translation>它已损坏（{how}）</translation>
    </message>
    <message>
        <source>it holds a {what} that is not part of a history</source>
        <translation>它含有不属于历史记录的 {what}</translation>
    </message>
    <message>
        <source>its {what} is not as Lathe creates it</source>
        <translation>其 {what} 与 Lathe 所创建的不同</translation>
    </message>
    <message>
        <source>its {what} is missing</source>
        <translation>缺少其 {what}</translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation>磁盘已满</translation>
    </message>
    <message>
        <source>it is read-only</source>
        <translation>它是只读的</translation>
    </message>
    <message>
        <source>it or its folder is read-only or cannot be opened</source>
        <translation>它或其文件夹为只读或无法打开</translation>
    </message>
    <message>
        <source>the disk is full or does not take the data</source>
        <translation>磁盘已满或无法写入数据</translation>
    </message>
    <message>
        <source>No run &quot;{run}&quot; is in the history.</source>
        <translation>历史记录中没有运行“{run}”。</translation>
    </message>
    <message>
        <source>The runs {one} and {other} both begin with &quot;{beginning}&quot;; give more of the id.</source>
        <translation>运行 {one} 和 {other} 均以“{beginning}”开头；请给出更长的编号。</translation>
    </message>
    <message>
        <source>The run {run} has already ended ({state}).</source>
        <translation>运行 {run} 已结束（{state}）。</translation>
    </message>
    <message>
        <source>The run {run} has no results ({state}).</source>
        <translation>运行 {run} 没有结果（{state}）。</translation>
    </message>
    <message>
        <source>The run {run} has other layers than what was measured now.</source>
        <translation>运行 {run} 的层与现在测量的不同。</translation>
    </message>
    <message>
        <source>The run {run} is complete.</source>
        <translation>运行 {run} 已完成。</translation>
    </message>
    <message>
        <source>A search may hold at most 100 words.</source>
        <translation>搜索至多可含 100 个词。</translation>
    </message>
    <message>
        <source>The run {run} is still at work; cancel it first.</source>
        <translation>运行 {run} 仍在进行；请先取消它。</translation>
    </message>
    <message>
        <source>The run {run} is an original: it is measured with the run that was compared with it.</source>
        <translation>运行 {run} 是原始模型：它随与之比较的运行一起测量。</translation>
    </message>
    <message>
        <source>The run {run} has no results that could be measured again.</source>
        <translation>运行 {run} 没有可重新测量的结果。</translation>
    </message>
    <message>
        <source>{file} has changed since the run: run the comparison anew.</source>
        <translation>{file} 自该运行后已更改：请重新运行比较。</translation>
    </message>
    <message>
        <source>The data {data} is not what the run was measured with: run the comparison anew.</source>
        <translation>数据 {data} 与该运行测量时所用的不同：请重新运行比较。</translation>
    </message>
    <message>
        <source>Model and recipe give other layers than when the run was made: run the comparison anew.</source>
        <translation>模型和配方得到的层与该运行时不同：请重新运行比较。</translation>
    </message>
    <message>
        <source>opening {file}</source>
        <translation>打开 {file} 时</translation>
    </message>
    <message>
        <source>taking over the model</source>
        <translation>接收模型时</translation>
    </message>
    <message>
        <source>while opening the teacher</source>
        <translation>打开教师模型时</translation>
    </message>
    <message>
        <source>while preparing the teacher</source>
        <translation>准备教师模型时</translation>
    </message>
    <message>
        <source>while running the teacher</source>
        <translation>运行教师模型时</translation>
    </message>
    <message>
        <source>while reading the recipe {file}</source>
        <translation>读取配方 {file} 时</translation>
    </message>
    <message>
        <source>while reading the recipe of the run</source>
        <translation>读取该运行的配方时</translation>
    </message>
    <message>
        <source>while finding the shapes of {model}</source>
        <translation>求 {model} 的形状时</translation>
    </message>
    <message>
        <source>while evaluating {node}</source>
        <translation>求值 {node} 时</translation>
    </message>
    <message>
        <source>while preparing {model}</source>
        <translation>准备 {model} 时</translation>
    </message>
    <message>
        <source>while preparing the original model</source>
        <translation>准备原始模型时</translation>
    </message>
    <message>
        <source>while preparing the optimized model</source>
        <translation>准备优化后的模型时</translation>
    </message>
    <message>
        <source>while simulating the original model</source>
        <translation>模拟原始模型时</translation>
    </message>
    <message>
        <source>while simulating the optimized model</source>
        <translation>模拟优化后的模型时</translation>
    </message>
    <message>
        <source>while running the original model</source>
        <translation>运行原始模型时</translation>
    </message>
    <message>
        <source>while running the optimized model</source>
        <translation>运行优化后的模型时</translation>
    </message>
    <message>
        <source>while looking for outputs that are not numbers</source>
        <translation>查找非数值输出时</translation>
    </message>
    <message>
        <source>while preparing calibration</source>
        <translation>准备校准时</translation>
    </message>
    <message>
        <source>while calibrating</source>
        <translation>校准时</translation>
    </message>
    <message>
        <source>while collecting activation ranges</source>
        <translation>收集激活范围时</translation>
    </message>
    <message>
        <source>while observing what the layers read</source>
        <translation>观察各层的输入时</translation>
    </message>
    <message>
        <source>while observing what the layers compute</source>
        <translation>观察各层的输出时</translation>
    </message>
    <message>
        <source>while finding what the loss depends on</source>
        <translation>求损失的依赖关系时</translation>
    </message>
    <message>
        <source>while pruning {layer}</source>
        <translation>剪枝 {layer} 时</translation>
    </message>
    <message>
        <source>while factorizing {layer}</source>
        <translation>分解 {layer} 时</translation>
    </message>
    <message>
        <source>while quantizing {layer}</source>
        <translation>量化 {layer} 时</translation>
    </message>
    <message>
        <source>while sharing the weights of {layer}</source>
        <translation>共享 {layer} 的权重时</translation>
    </message>
    <message>
        <source>while storing the weight of {layer}</source>
        <translation>存储 {layer} 的权重时</translation>
    </message>
    <message>
        <source>for {layer}</source>
        <translation>对于 {layer}</translation>
    </message>
    <message>
        <source>while exporting the model to see its size</source>
        <translation>导出模型以得知其大小时</translation>
    </message>
    <message>
        <source>while reopening the exported model</source>
        <translation>重新打开导出的模型时</translation>
    </message>
    <message>
        <source>while choosing the number of threads</source>
        <translation>选择线程数时</translation>
    </message>
    <message>
        <source>while preparing to time {model}</source>
        <translation>准备为 {model} 计时时</translation>
    </message>
    <message>
        <source>while timing {what}</source>
        <translation>为 {what} 计时时</translation>
    </message>
    <message>
        <source>while timing layers</source>
        <translation>为各层计时时</translation>
    </message>
    <message>
        <source>while measuring latency</source>
        <translation>测量延迟时</translation>
    </message>
    <message>
        <source>while measuring throughput</source>
        <translation>测量吞吐量时</translation>
    </message>
    <message>
        <source>while measuring the limits of the machine</source>
        <translation>测量计算机的极限时</translation>
    </message>
    <message>
        <source>while comparing activations</source>
        <translation>比较激活时</translation>
    </message>
    <message>
        <source>while checking the exported file</source>
        <translation>检查导出的文件时</translation>
    </message>
    <message>
        <source>while copying the history to {file}</source>
        <translation>将历史记录复制到 {file} 时</translation>
    </message>
    <message>
        <source>is of version {version} of ONNX&apos;s file format; 3 to 14 can be read.</source>
        <translation>属于 ONNX 文件格式的版本 {version}；可读取 3 到 14。</translation>
    </message>
    <message>
        <source>is an ONNX file without a graph.</source>
        <translation>是没有图的 ONNX 文件。</translation>
    </message>
    <message>
        <source>does not say which operator set of ONNX it uses.</source>
        <translation>未说明使用哪个 ONNX 运算符集。</translation>
    </message>
    <message>
        <source>uses operator set {version} of ONNX; 7 to 28 can be read.</source>
        <translation>使用 ONNX 运算符集 {version}；可读取 7 到 28。</translation>
    </message>
    <message>
        <source>{weights} class weights are given, but the model has {classes} classes.</source>
        <translation>给出了 {weights} 个类别权重，而模型有 {classes} 个类别。</translation>
    </message>
    <message>
        <source>{weights} class weights are given, but the model has {columns} columns.</source>
        <translation>给出了 {weights} 个类别权重，而模型有 {columns} 列。</translation>
    </message>
    <message>
        <source>Tokens can only be dropped where there are tokens, but the samples of {data} are {shape} numbers.</source>
        <translation>只有词元才能丢弃，而 {data} 的样本是 {shape} 数值。</translation>
    </message>
    <message>
        <source>Samples can only be flipped or shifted along a dimension, but each of {data} is one number.</source>
        <translation>样本只能沿某一维度翻转或平移，而 {data} 的每个样本是单个数值。</translation>
    </message>
    <message>
        <source>Only samples of numbers can be flipped, shifted, mixed or noisy, but the samples of {data} are {shape} whole numbers.</source>
        <translation>只有数值样本可以翻转、平移、混合或加噪，而 {data} 的样本是 {shape} 整数。</translation>
    </message>
    <message>
        <source>Samples cannot be mixed: the model takes one at a time.</source>
        <translation>样本无法混合：模型每次只接受一个。</translation>
    </message>
    <message>
        <source>The samples of {data} are {shape}, but the model takes {wanted}.</source>
        <translation>{data} 的样本为 {shape}，而模型需要 {wanted}。</translation>
    </message>
    <message>
        <source>The samples of {data} for &quot;{input}&quot; are {shape}, but the model takes {wanted}.</source>
        <translation>{data} 中用于“{input}”的样本为 {shape}，而模型需要 {wanted}。</translation>
    </message>
    <message>
        <source>{file} {problem}.</source>
        <translation>{file} {problem}。</translation>
    </message>
    <message>
        <source>is not an IDX file: it does not begin with two zero bytes, an element type and a number of dimensions</source>
        <translation>不是 IDX 文件：开头不是两个零字节、元素类型和维数</translation>
    </message>
    <message>
        <source>is truncated</source>
        <translation>不完整</translation>
    </message>
    <message>
        <source>is a damaged gzip file</source>
        <translation>是已损坏的 gzip 文件</translation>
    </message>
    <message>
        <source>is truncated: the end of the gzip stream is missing</source>
        <translation>不完整：缺少 gzip 流的末尾</translation>
    </message>
    <message>
        <source>is truncated: its header says {shape} elements, but the file has only {bytes} bytes</source>
        <translation>不完整：文件头声明 {shape} 个元素，而文件只有 {bytes} 字节</translation>
    </message>
    <message>
        <source>is truncated: its header says {shape} elements of {size} bytes, but only {bytes} bytes follow</source>
        <translation>不完整：文件头声明 {shape} 个 {size} 字节的元素，但其后只有 {bytes} 字节</translation>
    </message>
    <message>
        <source>goes on after the {shape} elements that its header says</source>
        <translation>在文件头声明的 {shape} 个元素之后还有内容</translation>
    </message>
    <message>
        <source>&quot;{file}&quot; {problem}.</source>
        <translation>“{file}”{problem}。</translation>
    </message>
    <message>
        <source>is empty</source>
        <translation>是空的</translation>
    </message>
    <message>
        <source>is neither a PNG nor a JPEG image</source>
        <translation>既不是 PNG 图像也不是 JPEG 图像</translation>
    </message>
    <message>
        <source>is a damaged PNG image: {reason}</source>
        <translation>是已损坏的 PNG 图像：{reason}</translation>
    </message>
    <message>
        <source>is a damaged JPEG image: {reason}</source>
        <translation>是已损坏的 JPEG 图像：{reason}</translation>
    </message>
    <message>
        <source>says that it is {height}x{width} pixels, more than the 268 million that are read</source>
        <translation>声明为 {height}x{width} 像素，超过可读取的 2.68 亿像素</translation>
    </message>
    <message>
        <source>is no sound file that can be read: {reason}</source>
        <translation>不是可读取的声音文件：{reason}</translation>
    </message>
    <message>
        <source>says that it holds {samples} samples of {channels} channels</source>
        <translation>声明含有 {channels} 个声道的 {samples} 个采样</translation>
    </message>
    <message>
        <source>ends after {samples} of {all} samples</source>
        <translation>在 {all} 个采样中的第 {samples} 个之后结束</translation>
    </message>
    <message>
        <source>has {rate} samples a second, but others have {other}; convert them to one rate</source>
        <translation>每秒 {rate} 个采样，而其他文件为 {other}；请转换为同一采样率</translation>
    </message>
    <message>
        <source>is {samples} samples long, but others are {other}; give the recipe a preprocessing with a &quot;length&quot;</source>
        <translation>长度为 {samples} 个采样，而其他文件为 {other}；请为配方设置含“length”的预处理</translation>
    </message>
    <message>
        <source>the cell in row {row}, column &quot;{column}&quot; is empty</source>
        <translation>第 {row} 行“{column}”列的单元格为空</translation>
    </message>
    <message>
        <source>&quot;{cell}&quot; in row {row}, column &quot;{column}&quot; is not a number</source>
        <translation>第 {row} 行“{column}”列中的“{cell}”不是数值</translation>
    </message>
    <message>
        <source>The model takes {wanted} for &quot;{input}&quot; (without the batch), not {shape}.</source>
        <translation>模型的“{input}”需要 {wanted}（不含批维度），而不是 {shape}。</translation>
    </message>
    <message>
        <source>&quot;{name}&quot; is one size, not {shape}.</source>
        <translation>“{name}”是单个尺寸，而不是 {shape}。</translation>
    </message>
    <message>
        <source>&quot;{name}&quot; is {size} in the model, not {wanted}.</source>
        <translation>“{name}”在模型中为 {size}，而不是 {wanted}。</translation>
    </message>
    <message>
        <source>The input &quot;{input}&quot; is no tensor: random input cannot be made for it.</source>
        <translation>输入“{input}”不是张量：无法为其生成随机输入。</translation>
    </message>
    <message>
        <source>The input &quot;{input}&quot; has no batch dimension: random input cannot be made for it.</source>
        <translation>输入“{input}”没有批维度：无法为其生成随机输入。</translation>
    </message>
    <message>
        <source>So much random input ({samples} sample) takes more than 2 GiB; choose smaller sizes or fewer samples.</source>
        <translation>如此多的随机输入（{samples} 个样本）超过 2 GiB；请选择更小的尺寸或更少的样本。</translation>
    </message>
    <message>
        <source>So much random input ({samples} samples) takes more than 2 GiB; choose smaller sizes or fewer samples.</source>
        <translation>如此多的随机输入（{samples} 个样本）超过 2 GiB；请选择更小的尺寸或更少的样本。</translation>
    </message>
    <message>
        <source>The model has no output &quot;{output}&quot;, but {outputs} output.</source>
        <translation>模型没有输出“{output}”，只有 {outputs} 个输出。</translation>
    </message>
    <message>
        <source>The model has no output &quot;{output}&quot;, but {outputs} outputs.</source>
        <translation>模型没有输出“{output}”，只有 {outputs} 个输出。</translation>
    </message>
    <message>
        <source>The model has no output &quot;{output}&quot;, but {outputs} output ({names}).</source>
        <translation>模型没有输出“{output}”，只有 {outputs} 个输出（{names}）。</translation>
    </message>
    <message>
        <source>The model has no output &quot;{output}&quot;, but {outputs} outputs ({names}).</source>
        <translation>模型没有输出“{output}”，只有 {outputs} 个输出（{names}）。</translation>
    </message>
    <message>
        <source>The labels of {data} for {samples} samples are {shape} {kind}, and the outputs of the model {output}: that is no {task}.</source>
        <translation>{data} 的 {samples} 个样本的标签为 {shape} {kind}，模型的输出为 {output}：这不是 {task}。</translation>
    </message>
    <message>
        <source>The labels of {data} for {samples} samples are {shape} {kind}, and the outputs of the model {output}: nothing is known that they could be labels of.</source>
        <translation>{data} 的 {samples} 个样本的标签为 {shape} {kind}，模型的输出为 {output}：不知道它们可能是什么的标签。</translation>
    </message>
    <message>
        <source>numbers</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>whole numbers</source>
        <translation>整数</translation>
    </message>
    <message>
        <source>The model takes {inputs} input, but {given} were given.</source>
        <translation>模型需要 {inputs} 个输入，但给出了 {given} 个。</translation>
    </message>
    <message>
        <source>The model takes {inputs} inputs, but {given} were given.</source>
        <translation>模型需要 {inputs} 个输入，但给出了 {given} 个。</translation>
    </message>
    <message>
        <source>{node}: the operator {op} has no kernel.</source>
        <translation>{node}：运算符 {op} 没有内核。</translation>
    </message>
    <message>
        <source>{node}: the operator {op} at {place} has no kernel.</source>
        <translation>{node}：{place} 处的运算符 {op} 没有内核。</translation>
    </message>
    <message>
        <source>{node}: the operator {op} reaches out of the model, to files or other machines; it is never run.</source>
        <translation>{node}：运算符 {op} 会访问模型之外的文件或其他计算机；绝不会运行它。</translation>
    </message>
    <message>
        <source>it {problem}</source>
        <translation>它{problem}</translation>
    </message>
    <message>
        <source>the node {node} {problem}</source>
        <translation>节点 {node} {problem}</translation>
    </message>
    <message>
        <source>PyTorch has no such operator</source>
        <translation>PyTorch 没有这样的运算符</translation>
    </message>
    <message>
        <source>only TorchScript has this operator</source>
        <translation>只有 TorchScript 有此运算符</translation>
    </message>
    <message>
        <source>control flow has no counterpart</source>
        <translation>控制流没有对应形式</translation>
    </message>
    <message>
        <source>the shape of its result is not known; name the data that the model is for</source>
        <translation>其结果的形状未知；请指定模型所用的数据</translation>
    </message>
    <message>
        <source>The input &quot;{input}&quot; is not a tensor, which cannot be written.</source>
        <translation>输入“{input}”不是张量，无法写出。</translation>
    </message>
    <message>
        <source>The shape of the input &quot;{input}&quot; is not known; name the data that the model is for.</source>
        <translation>输入“{input}”的形状未知；请指定模型所用的数据。</translation>
    </message>
    <message>
        <source>it has too many arguments</source>
        <translation>其参数过多</translation>
    </message>
    <message>
        <source>its element type is not known</source>
        <translation>其元素类型未知</translation>
    </message>
    <message>
        <source>LibTorch cannot run the file: {reason}</source>
        <translation>LibTorch 无法运行该文件：{reason}</translation>
    </message>
    <message>
        <source>The task &quot;{task}&quot; leaves nothing to learn from labels: a teacher is needed.</source>
        <translation>任务“{task}”无法从标签学习：需要教师。</translation>
    </message>
    <message>
        <source>The task &quot;{task}&quot; has no loss whose gradients could be told.</source>
        <translation>任务“{task}”没有可求梯度的损失。</translation>
    </message>
    <message>
        <source>they were never seen to be zero, as behind ReLU</source>
        <translation>从未见其为零（如 ReLU 之后那样）</translation>
    </message>
    <message>
        <source>A call takes {measured} of its time ({left} instead of {dense} ms in float, measured in turns); the times of its layers had predicted {predicted}.</source>
        <translation>一次调用的耗时为原来的 {measured}（浮点 {left} ms，原为 {dense} ms，交替测量）；按各层耗时预测为 {predicted}。</translation>
    </message>
    <message>
        <source>{ratio} of the time were to go, and a call still takes {measured} ({left} instead of {dense} ms); the times of its layers had predicted {predicted}.</source>
        <translation>应减少 {ratio} 的耗时，而一次调用仍需 {measured}（{left} ms，原为 {dense} ms）；按各层耗时预测为 {predicted}。</translation>
    </message>
    <message>
        <source>{ratio} of the time cannot go: a call still takes {measured} ({left} instead of {dense} ms) when all channels are removed that may be and take time.</source>
        <translation>无法减少 {ratio} 的耗时：移除所有可移除且耗时的通道后，一次调用仍需 {measured}（{left} ms，原为 {dense} ms）。</translation>
    </message>
    <message>
        <source>Times are measured when the recipe runs: what is shown takes that share of the MACs.</source>
        <translation>耗时在运行配方时测量：此处显示的是减少同样比例的 MAC。</translation>
    </message>
    <message>
        <source>others are enough, or fewer channels are not faster on this machine</source>
        <translation>其他层已足够，或在此机器上减少通道并不更快</translation>
    </message>
    <message>
        <source>Weights take 7 of 8 bits, so that no integer kernel overflows: this CPU has no VNNI.</source>
        <translation>权重使用 8 位中的 7 位，使任何整数内核都不会溢出：此 CPU 没有 VNNI。</translation>
    </message>
    <message>
        <source>stride {stride}</source>
        <translation>步长 {stride}</translation>
    </message>
    <message>
        <source>groups {groups}</source>
        <translation>分组 {groups}</translation>
    </message>
    <message>
        <source>codebook, {bits} bits</source>
        <translation>码本，{bits} 位</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>关闭此消息</translation>
    </message>
    <message>
        <source>Details of the message</source>
        <translation>消息详情</translation>
    </message>
</context>
<context>
    <name>ModelFiles</name>
    <message>
        <source>Save them before closing it?</source>
        <translation>关闭该模型前是否保存？</translation>
    </message>
    <message>
        <source>Save them before opening %1?</source>
        <translation>打开 %1 之前是否保存？</translation>
    </message>
    <message>
        <source>%1 has changed on disk.</source>
        <translation>%1 在磁盘上已更改。</translation>
    </message>
    <message>
        <source>Reload it to work on what is there now; the recipe stays.</source>
        <translation>重新加载后将使用磁盘上的当前内容；配方保持不变。</translation>
    </message>
    <message>
        <source>Reload</source>
        <translation>重新加载</translation>
    </message>
    <message>
        <source>use the usual recipe</source>
        <translation>使用常用配方</translation>
    </message>
    <message>
        <source>recover the recipe</source>
        <translation>恢复配方</translation>
    </message>
    <message>
        <source>Lathe was not closed properly; an unsaved recipe was kept.</source>
        <translation>Lathe 上次未正常关闭；未保存的配方已保留。</translation>
    </message>
    <message>
        <source>Recover it to go on where you were.</source>
        <translation>恢复它即可继续之前的工作。</translation>
    </message>
    <message>
        <source>Recover it to go on with %1.</source>
        <translation>恢复它即可继续处理 %1。</translation>
    </message>
    <message>
        <source>Recover</source>
        <translation>恢复</translation>
    </message>
</context>
<context>
    <name>ModelFormat</name>
    <message>
        <source>TorchScript (.pt)</source>
        <translation>TorchScript (.pt)</translation>
    </message>
    <message>
        <source>&amp;TorchScript…</source>
        <translation>TorchScript(&amp;T)…</translation>
    </message>
    <message>
        <source>TorchScript model</source>
        <translation>TorchScript 模型</translation>
    </message>
    <message>
        <source>The optimized model, for LibTorch and PyTorch without Lathe.</source>
        <translation>优化后的模型，无需 Lathe 即可用于 LibTorch 和 PyTorch。</translation>
    </message>
    <message>
        <source>torch.export (.pt2)</source>
        <translation>torch.export (.pt2)</translation>
    </message>
    <message>
        <source>torch.&amp;export (.pt2)…</source>
        <translation>torch.export (.pt2)(&amp;E)…</translation>
    </message>
    <message>
        <source>torch.export program</source>
        <translation>torch.export 程序</translation>
    </message>
    <message>
        <source>The optimized model with its quantize and dequantize operators, for torch.export.load.</source>
        <translation>带量化与反量化算子的优化后模型，供 torch.export.load 使用。</translation>
    </message>
    <message>
        <source>ONNX (.onnx)</source>
        <translation>ONNX (.onnx)</translation>
    </message>
    <message>
        <source>&amp;ONNX…</source>
        <translation>ONNX(&amp;O)…</translation>
    </message>
    <message>
        <source>ONNX model</source>
        <translation>ONNX 模型</translation>
    </message>
    <message>
        <source>The optimized model with QuantizeLinear and DequantizeLinear, for ONNX Runtime and others.</source>
        <translation>带 QuantizeLinear 与 DequantizeLinear 的优化后模型，供 ONNX Runtime 等使用。</translation>
    </message>
</context>
<context>
    <name>NodeItem</name>
    <message>
        <source>Operator</source>
        <translation>算子</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>Module</source>
        <translation>模块</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>源码</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>值</translation>
    </message>
    <message numerus="yes">
        <source>%n nodes</source>
        <comment>inside a module</comment>
        <extracomment>In a node of the graph that stands for a closed module: what is inside</extracomment>
        <translation>
            <numerusform>%n 个节点</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n layers</source>
        <comment>inside a module</comment>
        <extracomment>In a node of the graph that stands for a closed module: what of the nodes inside are layers</extracomment>
        <translation>
            <numerusform>%n 个层</numerusform>
        </translation>
    </message>
    <message>
        <source>Double-click to look inside.</source>
        <translation>双击查看其内部。</translation>
    </message>
</context>
<context>
    <name>ParetoChart</name>
    <message>
        <source>Against latency</source>
        <translation>对延迟</translation>
    </message>
    <message>
        <source>Against speed-up</source>
        <translation>对加速比</translation>
    </message>
    <message>
        <source>Against file size</source>
        <translation>对文件大小</translation>
    </message>
    <message>
        <source>No runs yet. Press F5 to compare the model with and without the recipe.</source>
        <translation>尚无运行。按 F5 比较使用与不使用配方的模型。</translation>
    </message>
    <message>
        <source>Pareto front</source>
        <translation>帕累托前沿</translation>
    </message>
    <message>
        <source>beaten by another</source>
        <translation>被其他运行超越</translation>
    </message>
    <message>
        <source>baseline</source>
        <translation>基线</translation>
    </message>
    <message>
        <source>Accuracy: %1</source>
        <translation>准确率：%1</translation>
    </message>
    <message>
        <source>Median latency: %1</source>
        <translation>延迟中位数：%1</translation>
    </message>
    <message>
        <source>Speed-up: %1×</source>
        <translation>加速比：%1×</translation>
    </message>
    <message>
        <source>File: %1</source>
        <translation>文件：%1</translation>
    </message>
    <message>
        <source>Simulated</source>
        <translation>模拟</translation>
    </message>
    <message>
        <source>Quality against cost, with the Pareto front</source>
        <translation>质量与代价的关系及帕累托前沿</translation>
    </message>
    <message>
        <source>SQNR against latency</source>
        <translation>SQNR 对延迟</translation>
    </message>
    <message>
        <source>SQNR against speed-up</source>
        <translation>SQNR 对加速比</translation>
    </message>
    <message>
        <source>SQNR against file size</source>
        <translation>SQNR 对文件大小</translation>
    </message>
    <message>
        <source>No run has both a quality and this figure.</source>
        <translation>没有同时具有质量和此指标的运行。</translation>
    </message>
    <message>
        <source>SQNR of the outputs: %1</source>
        <translation>输出的 SQNR：%1</translation>
    </message>
    <message>
        <source>Speed-up: about %1×, not measured together</source>
        <translation>加速比：约 %1×，并非一起测量</translation>
    </message>
    <message>
        <source>%1 · identical</source>
        <extracomment>A run whose outputs are those of the original; %1 is its name</extracomment>
        <translation>%1 · 完全相同</translation>
    </message>
    <message>
        <source>speed-up over Lathe&apos;s plan of the original, ×</source>
        <translation>相对 Lathe 对原始模型的执行计划的加速比，×</translation>
    </message>
    <message>
        <source>not reliable</source>
        <translation>不可靠</translation>
    </message>
</context>
<context>
    <name>PreprocessingForm</name>
    <message>
        <source> values</source>
        <translation> 个值</translation>
    </message>
    <message>
        <source>Red, green, blue</source>
        <translation>红、绿、蓝</translation>
    </message>
    <message>
        <source>Blue, green, red</source>
        <translation>蓝、绿、红</translation>
    </message>
    <message>
        <source>Grey</source>
        <translation>灰度</translation>
    </message>
    <message>
        <source>ImageNet</source>
        <translation>ImageNet</translation>
    </message>
    <message>
        <source>Mean and deviation that most models trained on ImageNet expect</source>
        <translation>大多数在 ImageNet 上训练的模型所需的均值和标准差</translation>
    </message>
    <message>
        <source>Whole numbers (tokens, categories)</source>
        <translation>整数（词元、类别）</translation>
    </message>
    <message>
        <source>Names with commas</source>
        <translation>用英文逗号分隔的列名</translation>
    </message>
    <message>
        <source>One number for each channel</source>
        <translation>每个通道一个数</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高度</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽度</translation>
    </message>
    <message>
        <source>Shorter side</source>
        <translation>短边</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>长度</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>忽略的列</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>均值</translation>
    </message>
    <message>
        <source>Deviation</source>
        <translation>标准差</translation>
    </message>
    <message>
        <source>Arrays reach the model as they are stored.</source>
        <translation>数组按存储的原样送入模型。</translation>
    </message>
    <message>
        <source>As stored</source>
        <translation>按原样</translation>
    </message>
    <message>
        <source>Mean and deviation are numbers with commas between them.</source>
        <translation>均值和标准差是用英文逗号分隔的数。</translation>
    </message>
    <message>
        <source>Mean and deviation need the same number of numbers.</source>
        <translation>均值和标准差的个数必须相同。</translation>
    </message>
    <message>
        <source>Height × width, cut from the middle</source>
        <translation>高 × 宽，从中间裁剪</translation>
    </message>
    <message>
        <source>Crop</source>
        <translation>裁剪</translation>
    </message>
    <message>
        <source>Column of a table, or array of an .npz file, that holds the labels</source>
        <translation>存放标签的表格列，或 .npz 文件中的数组</translation>
    </message>
    <message>
        <source>The usual name, or the last column</source>
        <translation>常用名称，或最后一列</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
</context>
<context>
    <name>ProblemAdvice</name>
    <message>
        <source>Check the file, or choose another one.</source>
        <translation>请检查该文件，或选择其他文件。</translation>
    </message>
    <message>
        <source>Change the setting that is named and try again.</source>
        <translation>请更改所指的设置后重试。</translation>
    </message>
    <message>
        <source>Check that it is still there, or choose another one.</source>
        <translation>请确认它仍然存在，或选择其他项。</translation>
    </message>
    <message>
        <source>Leave this part of the model or of the recipe out.</source>
        <translation>请去掉模型或配方中的这一部分。</translation>
    </message>
    <message>
        <source>Choose another device.</source>
        <translation>请选择其他设备。</translation>
    </message>
    <message>
        <source>Close the other program that uses it, or wait, and try again.</source>
        <translation>请关闭正在使用它的程序或稍候，然后重试。</translation>
    </message>
    <message>
        <source>Free some space or choose a folder that can be written, and try again.</source>
        <translation>请释放空间或选择可写的文件夹，然后重试。</translation>
    </message>
    <message>
        <source>Try again; the log tells more.</source>
        <translation>请重试；日志中有更多信息。</translation>
    </message>
</context>
<context>
    <name>RandomInputDialog</name>
    <message>
        <source>automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Use Random Input</source>
        <translation>使用随机输入</translation>
    </message>
    <message>
        <source>Random Input</source>
        <translation>随机输入</translation>
    </message>
    <message>
        <source>Made up for the model when there is no data. Shapes, times, sizes and the difference to the original are real; there is no accuracy, and ranges that static quantization finds with it mean nothing for real data.</source>
        <translation>没有数据时为模型生成。形状、时间、大小以及与原始模型的差异都是真实的；没有准确率，静态量化由此得到的范围对真实数据没有意义。</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>随机种子</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>type unknown</source>
        <translation>类型未知</translation>
    </message>
    <message>
        <source>shape unknown</source>
        <translation>形状未知</translation>
    </message>
    <message>
        <source>3x224x224, without the batch; empty: a guess</source>
        <translation>3x224x224，不含批次；留空则推测</translation>
    </message>
    <message>
        <source>Shape of %1</source>
        <translation>%1 的形状</translation>
    </message>
    <message>
        <source>usual</source>
        <translation>默认</translation>
    </message>
</context>
<context>
    <name>RecipeCommands</name>
    <message>
        <source>add step %1</source>
        <translation>添加步骤 %1</translation>
    </message>
    <message>
        <source>remove step %1</source>
        <translation>移除步骤 %1</translation>
    </message>
    <message>
        <source>move step %1</source>
        <translation>移动步骤 %1</translation>
    </message>
    <message>
        <source>enable step %1</source>
        <translation>启用步骤 %1</translation>
    </message>
    <message>
        <source>disable step %1</source>
        <translation>停用步骤 %1</translation>
    </message>
    <message>
        <source>change %1</source>
        <translation>更改%1</translation>
    </message>
    <message>
        <source>change %1 of %2</source>
        <translation>更改 %2 的%1</translation>
    </message>
    <message numerus="yes">
        <source>change %1 of %n layers</source>
        <translation>
            <numerusform>更改 %n 个层的%1</numerusform>
        </translation>
    </message>
    <message>
        <source>change the layers of %1</source>
        <translation>更改“%1”的层</translation>
    </message>
</context>
<context>
    <name>RecipeFiles</name>
    <message>
        <source>Opening the recipe %1</source>
        <translation>打开配方 %1</translation>
    </message>
    <message>
        <source>open recipe %1</source>
        <translation>打开配方 %1</translation>
    </message>
    <message>
        <source>Open Recipe</source>
        <translation>打开配方</translation>
    </message>
    <message>
        <source>Recipes (*.json)</source>
        <translation>配方 (*.json)</translation>
    </message>
    <message>
        <source>Save Recipe</source>
        <translation>保存配方</translation>
    </message>
    <message>
        <source>Saving the recipe %1</source>
        <translation>保存配方 %1</translation>
    </message>
    <message>
        <source>Saved %1.</source>
        <translation>已保存 %1。</translation>
    </message>
    <message>
        <source>Unsaved recipe</source>
        <translation>配方未保存</translation>
    </message>
    <message>
        <source>The recipe has unsaved changes.</source>
        <translation>配方有未保存的更改。</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Keep Editing</source>
        <translation>继续编辑</translation>
    </message>
</context>
<context>
    <name>RecipeModel</name>
    <message>
        <source>Step %1: %2, %3</source>
        <extracomment>A recipe step for the screen reader: number, title, summary</extracomment>
        <translation>步骤 %1：%2，%3</translation>
    </message>
</context>
<context>
    <name>RecipePanel</name>
    <message>
        <source>Prediction</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>Working it out…</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>Open a model to see what the recipe does to it.</source>
        <translation>打开模型以查看配方对它的作用。</translation>
    </message>
    <message>
        <source>This recipe cannot run</source>
        <translation>此配方无法运行</translation>
    </message>
    <message>
        <source>Nothing changes: the recipe has no enabled step.</source>
        <translation>没有变化：配方中没有启用的步骤。</translation>
    </message>
    <message>
        <source>Predicted after step %1</source>
        <translation>步骤 %1 之后的预测</translation>
    </message>
    <message>
        <source>(%1× smaller)</source>
        <extracomment>%1 is a number: 8.0× smaller</extracomment>
        <translation>（缩小 %1 倍）</translation>
    </message>
    <message>
        <source>Size of the weights, and multiply-accumulate operations for one sample</source>
        <translation>权重大小，以及单个样本的乘加运算数</translation>
    </message>
    <message>
        <source>run to measure accuracy and latency</source>
        <translation>运行以测量准确率和延迟</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>Recipe steps</source>
        <translation>配方步骤</translation>
    </message>
    <message>
        <source>Add Step</source>
        <translation>添加步骤</translation>
    </message>
    <message>
        <source>No steps yet. Each step makes the model cheaper; the order matters.</source>
        <translation>尚无步骤。每一步都让模型成本更低；顺序很重要。</translation>
    </message>
    <message numerus="yes">
        <source>(%n more)</source>
        <extracomment>Behind a sentence on a layer: as many others of its kind are in the inspector</extracomment>
        <translation>
            <numerusform>（还有 %n 条）</numerusform>
        </translation>
    </message>
    <message>
        <source>≈: what a call takes by the times of the layers in the last run, each as a share of its MACs</source>
        <translation>≈：按上次运行中各层的耗时、并按其 MAC 数折算得到的一次调用耗时</translation>
    </message>
</context>
<context>
    <name>RecipeText</name>
    <message>
        <source>unchanged</source>
        <translation>未更改</translation>
    </message>
    <message>
        <source>fuse</source>
        <translation>融合</translation>
    </message>
    <message>
        <source>clean</source>
        <translation>清理</translation>
    </message>
    <message>
        <source>ft</source>
        <translation>微调</translation>
    </message>
    <message>
        <source>prune</source>
        <translation>剪枝</translation>
    </message>
    <message>
        <source>sparsify</source>
        <translation>稀疏化</translation>
    </message>
    <message>
        <source>static</source>
        <translation>静态</translation>
    </message>
    <message>
        <source>dynamic</source>
        <translation>动态</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>仅权重</translation>
    </message>
    <message>
        <source>distil</source>
        <translation>蒸馏</translation>
    </message>
    <message>
        <source>re-estimate</source>
        <translation>重估批归一化</translation>
    </message>
    <message>
        <source>correct bias</source>
        <translation>校正偏置</translation>
    </message>
    <message>
        <source>factorize</source>
        <translation>分解</translation>
    </message>
    <message>
        <source>drop</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>share</source>
        <translation>共享</translation>
    </message>
    <message>
        <source>tie weights</source>
        <translation>绑定权重</translation>
    </message>
    <message>
        <source>half</source>
        <translation>半精度</translation>
    </message>
</context>
<context>
    <name>RunActions</name>
    <message>
        <source>Measured again: %1</source>
        <translation>已重新测量：%1</translation>
    </message>
    <message>
        <source>The comparison was cancelled.</source>
        <translation>比较已取消。</translation>
    </message>
    <message>
        <source>Saved %1.</source>
        <translation>已保存 %1。</translation>
    </message>
    <message>
        <source>Free some space or choose another folder, and try again.</source>
        <translation>请释放空间或选择其他文件夹，然后重试。</translation>
    </message>
    <message>
        <source>Reading the history</source>
        <translation>读取历史</translation>
    </message>
    <message>
        <source>Comparison finished: %1</source>
        <translation>比较完成：%1</translation>
    </message>
    <message>
        <source>accuracy %1</source>
        <translation>准确率 %1</translation>
    </message>
    <message>
        <source>%1 points</source>
        <extracomment>A difference in percentage points, with its sign</extracomment>
        <translation>%1 个百分点</translation>
    </message>
    <message>
        <source>outputs identical</source>
        <translation>输出完全相同</translation>
    </message>
    <message>
        <source>outputs at %1</source>
        <extracomment>How near the outputs are to the original&apos;s, where there are no labels</extracomment>
        <translation>输出 SQNR %1</translation>
    </message>
    <message>
        <source>the original</source>
        <translation>原始模型</translation>
    </message>
    <message>
        <source>%1× faster than %2</source>
        <translation>速度为 %2 的 %1 倍</translation>
    </message>
    <message>
        <source>%1× slower than %2</source>
        <translation>耗时为 %2 的 %1 倍</translation>
    </message>
    <message>
        <source>no significant difference in speed to %1</source>
        <translation>与 %1 相比速度无显著差异</translation>
    </message>
    <message>
        <source>speed not reliable: the machine was disturbed</source>
        <translation>速度不可靠：机器受到干扰</translation>
    </message>
    <message>
        <source>%1× smaller</source>
        <translation>缩小 %1 倍</translation>
    </message>
    <message>
        <source>restore %1</source>
        <translation>恢复 %1</translation>
    </message>
    <message>
        <source>Restoring the recipe of %1</source>
        <translation>恢复 %1 的配方</translation>
    </message>
</context>
<context>
    <name>RunChart</name>
    <message>
        <source>No runs yet. Press F5 to compare the model with and without the recipe.</source>
        <translation>尚无运行。按 F5 比较使用与不使用配方的模型。</translation>
    </message>
    <message>
        <source>This run has no results.</source>
        <translation>此运行没有结果。</translation>
    </message>
</context>
<context>
    <name>RunComparisonDialog</name>
    <message>
        <source>Compare Runs</source>
        <translation>比较运行</translation>
    </message>
    <message>
        <source>Figures of the runs</source>
        <translation>各运行的指标</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
</context>
<context>
    <name>RunComparisonText</name>
    <message>
        <source>%1 points</source>
        <translation>%1 个百分点</translation>
    </message>
    <message>
        <source>“%1” has no results.</source>
        <translation>“%1”没有结果。</translation>
    </message>
    <message>
        <source>“%1” is not compared with “%2”: %3.</source>
        <translation>“%1”不与“%2”比较：%3。</translation>
    </message>
    <message>
        <source>“%1” beside “%2”, measured together, in turns: %3.</source>
        <translation>“%1”相对“%2”，一起交替测量：%3。</translation>
    </message>
    <message>
        <source>“%1” and “%2” are the same model, not measured together: their times tell of the machine.</source>
        <translation>“%1”和“%2”是同一模型，并非一起测量：时间只说明机器状况。</translation>
    </message>
    <message>
        <source>“%1” and “%2” were not measured together.</source>
        <translation>“%1”和“%2”并非一起测量。</translation>
    </message>
    <message>
        <source>“%1” and “%2” were not measured together: %3 by their medians, without an interval and without a verdict.</source>
        <translation>“%1”和“%2”并非一起测量：按中位数%3，没有区间，也没有结论。</translation>
    </message>
    <message>
        <source>about %1×</source>
        <translation>约 %1×</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>original</source>
        <translation>原模型</translation>
    </message>
    <message>
        <source>“%1” beside “%2” (%3), measured together, in turns: %4.</source>
        <translation>“%1”与“%2”（%3）交替一起测量：%4。</translation>
    </message>
    <message>
        <source>“%1” and “%2” were not measured together, and the speed of one is not reliable.</source>
        <translation>“%1”与“%2”并非一起测量，且其中之一的速度不可靠。</translation>
    </message>
</context>
<context>
    <name>RunNotesPopup</name>
    <message>
        <source>Tags, with commas between them</source>
        <translation>标签，以逗号分隔</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>What was tried, and what came of it</source>
        <translation>尝试了什么，结果如何</translation>
    </message>
    <message>
        <source>Exports</source>
        <translation>导出</translation>
    </message>
</context>
<context>
    <name>RunScopes</name>
    <message>
        <source>unknown machine</source>
        <translation>未知机器</translation>
    </message>
    <message>
        <source>unknown threads</source>
        <translation>线程数未知</translation>
    </message>
    <message numerus="yes">
        <source>%n thread(s)</source>
        <translation>
            <numerusform>%n 个线程</numerusform>
        </translation>
    </message>
    <message>
        <source>batch %1</source>
        <translation>批量 %1</translation>
    </message>
    <message>
        <source>model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>task</source>
        <translation>任务</translation>
    </message>
    <message>
        <source>device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>threads</source>
        <translation>线程数</translation>
    </message>
    <message>
        <source>batch</source>
        <translation>批量</translation>
    </message>
    <message>
        <source>%1 · no runs yet</source>
        <translation>%1 · 尚无运行</translation>
    </message>
    <message>
        <source>All runs</source>
        <translation>全部运行</translation>
    </message>
    <message>
        <source>Runs of other scopes too: they are not compared</source>
        <translation>也包括其他范围的运行：它们不参与比较</translation>
    </message>
    <message>
        <source>different %1: %2 and %3</source>
        <extracomment>Why two runs are not compared: %1 is &quot;data&quot;, &quot;threads&quot;, …</extracomment>
        <translation>%1不同：%2 和 %3</translation>
    </message>
    <message>
        <source>; </source>
        <comment>between reasons</comment>
        <translation>；</translation>
    </message>
</context>
<context>
    <name>SampleTile</name>
    <message>
        <source>values from %1 to %2</source>
        <translation>取值从 %1 到 %2</translation>
    </message>
</context>
<context>
    <name>Samples</name>
    <message>
        <source>LeNet-5 on Fashion-MNIST</source>
        <translation>Fashion-MNIST 上的 LeNet-5</translation>
    </message>
    <message>
        <source>The classic convolutional network: 10 kinds of clothing, 61,706 parameters. Opens with a recipe that fuses, prunes, fine-tunes and quantizes it.</source>
        <translation>经典的卷积网络：10 类服装，61,706 个参数。打开时附带一个融合、剪枝、微调并量化的配方。</translation>
    </message>
</context>
<context>
    <name>ScopeBox</name>
    <message>
        <source>Runs that are compared: of one model, with the same data, on the same device</source>
        <translation>参与比较的运行：同一模型、相同数据、同一设备</translation>
    </message>
    <message>
        <source>Scope of comparison</source>
        <translation>比较范围</translation>
    </message>
</context>
<context>
    <name>SpectrumWidget</name>
    <message>
        <source>Energy that each rank keeps</source>
        <translation>每个秩保留的能量</translation>
    </message>
    <message>
        <source>Rank %1: %2</source>
        <translation>秩 %1：%2</translation>
    </message>
    <message>
        <source>Press and drag to choose a rank, or use the arrow keys.</source>
        <translation>按住并拖动以选择秩，或使用方向键。</translation>
    </message>
</context>
<context>
    <name>StatusStrip</name>
    <message>
        <source>Engine: local</source>
        <translation>引擎：本机</translation>
    </message>
    <message>
        <source>Engine: starting</source>
        <translation>引擎：启动中</translation>
    </message>
    <message>
        <source>● noise low</source>
        <translation>● 干扰低</translation>
    </message>
    <message>
        <source>▲ noise medium</source>
        <translation>▲ 干扰中</translation>
    </message>
    <message>
        <source>▲ noise high</source>
        <translation>▲ 干扰高</translation>
    </message>
    <message>
        <source>How much other programs disturb measurements on this machine</source>
        <translation>其他程序对本机测量的干扰程度</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>, epoch %1 of %2</source>
        <translation>，第 %1 / %2 轮</translation>
    </message>
    <message>
        <source>Step %1 of %2 · %3</source>
        <extracomment>A progress: step number, number of steps, what is done</extracomment>
        <translation>步骤 %1 / %2 · %3</translation>
    </message>
    <message>
        <source>Opening %1</source>
        <translation>正在打开 %1</translation>
    </message>
    <message>
        <source>%1 left</source>
        <translation>剩余 %1</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>opening the model</source>
        <translation>正在打开模型</translation>
    </message>
    <message>
        <source>loading data</source>
        <translation>正在加载数据</translation>
    </message>
    <message>
        <source>applying the recipe</source>
        <translation>正在应用配方</translation>
    </message>
    <message>
        <source>calibrating</source>
        <translation>正在校准</translation>
    </message>
    <message>
        <source>fine-tuning</source>
        <translation>正在微调</translation>
    </message>
    <message>
        <source>measuring quality</source>
        <translation>正在测量质量</translation>
    </message>
    <message>
        <source>measuring latency</source>
        <translation>正在测量延迟</translation>
    </message>
    <message>
        <source>measuring layers</source>
        <translation>正在测量各层</translation>
    </message>
    <message>
        <source>measuring memory</source>
        <translation>正在测量内存</translation>
    </message>
    <message>
        <source>exporting</source>
        <translation>正在导出</translation>
    </message>
    <message>
        <source>checking the exported file</source>
        <translation>正在检查导出的文件</translation>
    </message>
    <message>
        <source>storing the results</source>
        <translation>正在保存结果</translation>
    </message>
    <message>
        <source>simulating the integers</source>
        <translation>正在模拟整数运算</translation>
    </message>
    <message>
        <source>Engine: local, ▲ reduced isolation</source>
        <translation>引擎：本地，▲ 隔离降低</translation>
    </message>
    <message>
        <source>This kernel lacks Landlock or seccomp: a model file from a stranger is read with more rights than it should have.</source>
        <translation>此内核缺少 Landlock 或 seccomp：读取陌生人的模型文件时拥有过多权限。</translation>
    </message>
    <message>
        <source>, loss %1</source>
        <translation>，损失 %1</translation>
    </message>
    <message>
        <source>Stop and keep</source>
        <translation>停止并保留</translation>
    </message>
    <message>
        <source>Ends training now and goes on with what was learned so far</source>
        <translation>立即结束训练，并用已学到的结果继续</translation>
    </message>
    <message>
        <source>, paused</source>
        <translation>，已暂停</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Goes on with the training where it waits</source>
        <translation>从暂停处继续训练</translation>
    </message>
    <message>
        <source>Holds the training where it is; going on, it learns what it would have learned anyway</source>
        <translation>让训练停在当前位置；继续后学到的内容与不暂停时相同</translation>
    </message>
</context>
<context>
    <name>StepInspector</name>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Last run</source>
        <translation>上次运行</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>延迟</translation>
    </message>
    <message>
        <source>predicted</source>
        <translation>预测</translation>
    </message>
    <message>
        <source>run to measure</source>
        <translation>运行后测得</translation>
    </message>
</context>
<context>
    <name>StepText</name>
    <message>
        <source>Residual branches</source>
        <translation>残差分支</translation>
    </message>
    <message>
        <source>Float (fused)</source>
        <translation>浮点（融合）</translation>
    </message>
    <message>
        <source>Integer (exports)</source>
        <translation>整数（用于导出）</translation>
    </message>
    <message>
        <source>Fuse</source>
        <translation>融合</translation>
    </message>
    <message>
        <source>Fold batch norm</source>
        <translation>折叠批归一化</translation>
    </message>
    <message>
        <source>Puts each batch normalization into the weights of the convolution before it.</source>
        <translation>把每个批归一化并入其前面卷积的权重。</translation>
    </message>
    <message>
        <source>into the weights of the convolution</source>
        <translation>并入卷积的权重</translation>
    </message>
    <message>
        <source>Fuse convolution + ReLU</source>
        <translation>融合卷积 + ReLU</translation>
    </message>
    <message>
        <source>Computes a convolution and the ReLU behind it as one operator.</source>
        <translation>把卷积及其后的 ReLU 作为一个算子计算。</translation>
    </message>
    <message>
        <source>one operator instead of two</source>
        <translation>两个算子合为一个</translation>
    </message>
    <message>
        <source>Fuse linear + ReLU</source>
        <translation>融合线性 + ReLU</translation>
    </message>
    <message>
        <source>Computes a linear layer and the ReLU behind it as one operator.</source>
        <translation>把线性层及其后的 ReLU 作为一个算子计算。</translation>
    </message>
    <message>
        <source>Clean up</source>
        <translation>清理</translation>
    </message>
    <message>
        <source>Fold constants</source>
        <translation>折叠常量</translation>
    </message>
    <message>
        <source>Computes once what does not depend on the input.</source>
        <translation>与输入无关的部分只计算一次。</translation>
    </message>
    <message>
        <source>computed once, not on each call</source>
        <translation>只计算一次，而非每次调用</translation>
    </message>
    <message>
        <source>Remove dead code</source>
        <translation>移除无用代码</translation>
    </message>
    <message>
        <source>Removes operators whose results nobody uses.</source>
        <translation>移除结果未被使用的算子。</translation>
    </message>
    <message>
        <source>operators that nobody uses</source>
        <translation>未被使用的算子</translation>
    </message>
    <message>
        <source>Prune</source>
        <translation>剪枝</translation>
    </message>
    <message>
        <source>Prune weights</source>
        <translation>剪枝权重</translation>
    </message>
    <message>
        <source>Sets the least important weights to zero; shapes stay as they are.</source>
        <translation>把最不重要的权重置零；形状保持不变。</translation>
    </message>
    <message>
        <source>Prune channels</source>
        <translation>剪枝通道</translation>
    </message>
    <message>
        <source>Removes the least important channels with everything that depends on them; tensors really shrink.</source>
        <translation>移除最不重要的通道及所有依赖它们的部分；张量真正变小。</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Fine-tune</source>
        <translation>微调</translation>
    </message>
    <message>
        <source>Quantize</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>Quantize static</source>
        <translation>静态量化</translation>
    </message>
    <message>
        <source>Integer weights and activations; ranges of activations are calibrated on training samples.</source>
        <translation>整数权重和激活；激活的范围用训练样本校准。</translation>
    </message>
    <message>
        <source>Quantize dynamic</source>
        <translation>动态量化</translation>
    </message>
    <message>
        <source>Integer weights; ranges of activations are taken from each input at run time.</source>
        <translation>整数权重；激活的范围在运行时由每个输入得出。</translation>
    </message>
    <message>
        <source>Quantize weights only</source>
        <translation>仅量化权重</translation>
    </message>
    <message>
        <source>Stores weights as integers and computes in floating point.</source>
        <translation>权重以整数存储，以浮点计算。</translation>
    </message>
    <message>
        <source>Activations</source>
        <translation>激活</translation>
    </message>
    <message>
        <source>Integer range</source>
        <translation>整数范围</translation>
    </message>
    <message>
        <source>Activation scheme</source>
        <translation>激活方案</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批大小</translation>
    </message>
    <message>
        <source>Calibrator</source>
        <translation>校准器</translation>
    </message>
    <message>
        <source>Criterion</source>
        <translation>准则</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Keep in float</source>
        <translation>保持浮点</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Samples per epoch</source>
        <translation>每轮样本数</translation>
    </message>
    <message>
        <source>Momentum</source>
        <translation>动量</translation>
    </message>
    <message>
        <source>Pruned share</source>
        <translation>剪枝比例</translation>
    </message>
    <message>
        <source>Round channels to</source>
        <translation>通道数取整到</translation>
    </message>
    <message>
        <source>Ranked over</source>
        <translation>排序范围</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>不处理</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>权重衰减</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>权重</translation>
    </message>
    <message>
        <source>Granularity</source>
        <translation>粒度</translation>
    </message>
    <message>
        <source>Weight scheme</source>
        <translation>权重方案</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Full (8 bits)</source>
        <translation>完整（8 位）</translation>
    </message>
    <message>
        <source>Reduced (7 bits)</source>
        <translation>缩减（7 位）</translation>
    </message>
    <message>
        <source>Affine</source>
        <translation>非对称</translation>
    </message>
    <message>
        <source>Symmetric</source>
        <translation>对称</translation>
    </message>
    <message>
        <source>Histogram (MSE)</source>
        <translation>直方图 (MSE)</translation>
    </message>
    <message>
        <source>Min-max</source>
        <translation>最小-最大</translation>
    </message>
    <message>
        <source>L1 norm</source>
        <translation>L1 范数</translation>
    </message>
    <message>
        <source>L2 norm</source>
        <translation>L2 范数</translation>
    </message>
    <message>
        <source>Random</source>
        <translation>随机</translation>
    </message>
    <message>
        <source>All layers together</source>
        <translation>所有层一起</translation>
    </message>
    <message>
        <source>Each layer</source>
        <translation>每层单独</translation>
    </message>
    <message>
        <source>Activations only</source>
        <translation>仅激活</translation>
    </message>
    <message>
        <source>Both</source>
        <translation>权重和激活</translation>
    </message>
    <message>
        <source>Weights only</source>
        <translation>仅权重</translation>
    </message>
    <message>
        <source>Per channel</source>
        <translation>逐通道</translation>
    </message>
    <message>
        <source>Per tensor</source>
        <translation>逐张量</translation>
    </message>
    <message numerus="yes">
        <source>%n epochs</source>
        <translation>
            <numerusform>%n 轮</numerusform>
        </translation>
    </message>
    <message>
        <source>rate %1</source>
        <translation>学习率 %1</translation>
    </message>
    <message numerus="yes">
        <source>%n samples</source>
        <translation>
            <numerusform>%n 个样本</numerusform>
        </translation>
    </message>
    <message>
        <source>float</source>
        <translation>浮点</translation>
    </message>
    <message>
        <source>quantized</source>
        <translation>量化</translation>
    </message>
    <message>
        <source>left out</source>
        <translation>不处理</translation>
    </message>
    <message>
        <source>included</source>
        <translation>处理</translation>
    </message>
    <message>
        <source>on</source>
        <translation>开</translation>
    </message>
    <message>
        <source>off</source>
        <translation>关</translation>
    </message>
    <message>
        <source>Activation ranges</source>
        <translation>激活值范围</translation>
    </message>
    <message>
        <source>Weight calibrator</source>
        <translation>权重校准器</translation>
    </message>
    <message>
        <source>Per token</source>
        <translation>逐词元</translation>
    </message>
    <message>
        <source>Least error (MSE)</source>
        <translation>误差最小（MSE）</translation>
    </message>
    <message numerus="yes">
        <source>%n left out</source>
        <translation>
            <numerusform>排除 %n 层</numerusform>
        </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <extracomment>A rule and how many layers it leaves out: &quot;all but the first and last: 2 left out&quot;</extracomment>
        <translation>%1：%2</translation>
    </message>
    <message numerus="yes">
        <source>%n more layers</source>
        <translation>
            <numerusform>另有 %n 层</numerusform>
        </translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>the first</source>
        <comment>layer of the model</comment>
        <translation>第一层</translation>
    </message>
    <message>
        <source>the last</source>
        <comment>layer of the model</comment>
        <translation>最后一层</translation>
    </message>
    <message>
        <source>all but the first and last</source>
        <translation>除第一层和最后一层外全部</translation>
    </message>
    <message>
        <source>, </source>
        <comment>between the entries of a list</comment>
        <translation>、</translation>
    </message>
    <message>
        <source>all but %1</source>
        <translation>除 %1 外全部</translation>
    </message>
    <message>
        <source>only %1</source>
        <translation>仅 %1</translation>
    </message>
    <message>
        <source>only %1, but not %2</source>
        <translation>仅 %1，但不含 %2</translation>
    </message>
    <message>
        <source>Trains the model as it is now on the training data, to win accuracy back; also with the original as a teacher.</source>
        <translation>用训练数据训练当前的模型以恢复准确率；也可以让原模型作教师。</translation>
    </message>
    <message>
        <source>Batches to a step</source>
        <translation>每步批次数</translation>
    </message>
    <message>
        <source>Flip</source>
        <translation>翻转</translation>
    </message>
    <message>
        <source>Mixup</source>
        <translation>样本混合</translation>
    </message>
    <message>
        <source>Noise</source>
        <translation>噪声</translation>
    </message>
    <message>
        <source>Shift (pixels)</source>
        <translation>平移（像素）</translation>
    </message>
    <message>
        <source>Token dropout</source>
        <translation>词元丢弃</translation>
    </message>
    <message>
        <source>Batch norm</source>
        <translation>批归一化</translation>
    </message>
    <message>
        <source>Class weights</source>
        <translation>类别权重</translation>
    </message>
    <message>
        <source>Clip gradients</source>
        <translation>梯度裁剪</translation>
    </message>
    <message>
        <source>Weight of features</source>
        <translation>特征权重</translation>
    </message>
    <message>
        <source>Teacher&apos;s features</source>
        <translation>教师的特征</translation>
    </message>
    <message>
        <source>Teacher&apos;s outputs</source>
        <translation>教师的输出</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Weight of the teacher</source>
        <translation>教师的权重</translation>
    </message>
    <message>
        <source>Moving average</source>
        <translation>滑动平均</translation>
    </message>
    <message>
        <source>Label smoothing</source>
        <translation>标签平滑</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Nesterov</source>
        <translation>Nesterov 动量</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>Patience (epochs)</source>
        <translation>耐心（轮）</translation>
    </message>
    <message>
        <source>Learning rate goes</source>
        <translation>学习率变化</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translation>留出比例</translation>
    </message>
    <message>
        <source>Warm-up</source>
        <translation>预热</translation>
    </message>
    <message>
        <source>By the batch</source>
        <translation>按批次统计</translation>
    </message>
    <message>
        <source>Frozen statistics</source>
        <translation>固定统计量</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>注意力图</translation>
    </message>
    <message>
        <source>Values (FitNets)</source>
        <translation>数值（FitNets）</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Similarity</source>
        <translation>相似性</translation>
    </message>
    <message>
        <source>Difference (MSE)</source>
        <translation>差值（MSE）</translation>
    </message>
    <message>
        <source>Divergence (KL)</source>
        <translation>散度（KL）</translation>
    </message>
    <message>
        <source>By the labels</source>
        <translation>按标签</translation>
    </message>
    <message>
        <source>Dice</source>
        <translation>Dice</translation>
    </message>
    <message>
        <source>Huber</source>
        <translation>Huber</translation>
    </message>
    <message>
        <source>AdamW</source>
        <translation>AdamW</translation>
    </message>
    <message>
        <source>LAMB</source>
        <translation>LAMB</translation>
    </message>
    <message>
        <source>SGD</source>
        <translation>SGD</translation>
    </message>
    <message>
        <source>Constant</source>
        <translation>不变</translation>
    </message>
    <message>
        <source>Cosine</source>
        <translation>余弦</translation>
    </message>
    <message>
        <source>One cycle</source>
        <translation>单周期</translation>
    </message>
    <message>
        <source>In steps</source>
        <translation>分段</translation>
    </message>
    <message>
        <source>Recover</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Re-estimate batch norms</source>
        <translation>重新估计批归一化</translation>
    </message>
    <message>
        <source>Finds the statistics of batch normalizations anew, as they are for the model that is there now.</source>
        <translation>按当前的模型重新求批归一化的统计量。</translation>
    </message>
    <message>
        <source>Correct biases</source>
        <translation>校正偏置</translation>
    </message>
    <message>
        <source>Moves biases so that each channel has the mean that it has in the original model.</source>
        <translation>移动偏置，使每个通道的均值与原模型一致。</translation>
    </message>
    <message>
        <source>Means from</source>
        <translation>均值来源</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>样本数</translation>
    </message>
    <message>
        <source>Batch norms (no data)</source>
        <translation>批归一化（无需数据）</translation>
    </message>
    <message>
        <source>Augmentation</source>
        <translation>数据增强</translation>
    </message>
    <message>
        <source>Distillation</source>
        <translation>蒸馏</translation>
    </message>
    <message>
        <source>Teacher (file)</source>
        <translation>教师（文件）</translation>
    </message>
    <message>
        <source>Compress</source>
        <translation>压缩</translation>
    </message>
    <message>
        <source>Factorize layers</source>
        <translation>分解层</translation>
    </message>
    <message>
        <source>Replaces layers by two or three smaller ones one behind the other (low rank).</source>
        <translation>用前后相接的两三个较小的层代替原来的层（低秩）。</translation>
    </message>
    <message>
        <source>Energy that stays</source>
        <translation>保留的能量</translation>
    </message>
    <message>
        <source>Convolutions</source>
        <translation>卷积</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>秩</translation>
    </message>
    <message>
        <source>Share that stays</source>
        <translation>保留的比例</translation>
    </message>
    <message>
        <source>Rank by</source>
        <translation>秩的依据</translation>
    </message>
    <message>
        <source>Rounds of Tucker</source>
        <translation>Tucker 迭代次数</translation>
    </message>
    <message>
        <source>Error of the outputs</source>
        <translation>输出误差</translation>
    </message>
    <message>
        <source>Error of the weights</source>
        <translation>权重误差</translation>
    </message>
    <message>
        <source>Spatial (kx1, 1xk)</source>
        <translation>空间（kx1、1xk）</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>能量</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Keep at least</source>
        <translation>至少保留</translation>
    </message>
    <message>
        <source>Share of</source>
        <translation>比例所指</translation>
    </message>
    <message>
        <source>Zeros (APoZ)</source>
        <translation>零值比例（APoZ）</translation>
    </message>
    <message>
        <source>Batch norm scales</source>
        <translation>批归一化缩放系数</translation>
    </message>
    <message>
        <source>Loss, second order (Fisher)</source>
        <translation>损失的二阶项（Fisher）</translation>
    </message>
    <message>
        <source>Geometric median</source>
        <translation>几何中位数</translation>
    </message>
    <message>
        <source>LAMP</source>
        <translation>LAMP</translation>
    </message>
    <message>
        <source>Mean activation</source>
        <translation>平均激活值</translation>
    </message>
    <message>
        <source>Loss, first order (Taylor)</source>
        <translation>损失的一阶项（Taylor）</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>通道</translation>
    </message>
    <message>
        <source>Pattern (2:4, 1x16)</source>
        <translation>模式（2:4、1x16）</translation>
    </message>
    <message>
        <source>SparseGPT</source>
        <translation>SparseGPT</translation>
    </message>
    <message>
        <source>Wanda (inputs)</source>
        <translation>Wanda（输入）</translation>
    </message>
    <message>
        <source>Drop blocks</source>
        <translation>移除块</translation>
    </message>
    <message>
        <source>Drops whole residual blocks: those that change what they get least.</source>
        <translation>移除整个残差块：对输入改变最小的那些。</translation>
    </message>
    <message>
        <source>Through layer norms</source>
        <translation>穿过层归一化</translation>
    </message>
    <message>
        <source>Round by measured times</source>
        <translation>按实测时间取整</translation>
    </message>
    <message>
        <source>Tie equal weights</source>
        <translation>绑定相同权重</translation>
    </message>
    <message>
        <source>Weights that are alike become one, which is stored once.</source>
        <translation>相似的权重合为一个，只存储一次。</translation>
    </message>
    <message>
        <source>stored once</source>
        <translation>只存储一次</translation>
    </message>
    <message>
        <source>Share weights (codebook)</source>
        <translation>共享权重（码本）</translation>
    </message>
    <message>
        <source>The weights of a layer share few numbers (k-means): files hold indices and a codebook.</source>
        <translation>一层的权重共享少量数值（k-means）：文件保存索引和码本。</translation>
    </message>
    <message>
        <source>Bits of an index</source>
        <translation>索引位数</translation>
    </message>
    <message>
        <source>A codebook</source>
        <translation>码本</translation>
    </message>
    <message>
        <source>Channels in a group</source>
        <translation>每组通道数</translation>
    </message>
    <message>
        <source>Tolerance</source>
        <translation>容差</translation>
    </message>
    <message>
        <source>Per group of channels</source>
        <translation>每组通道</translation>
    </message>
    <message numerus="yes">
        <source>%n bits</source>
        <translation>
            <numerusform>%n 位</numerusform>
        </translation>
    </message>
    <message>
        <source>Half precision</source>
        <translation>半精度</translation>
    </message>
    <message>
        <source>Layers and products of matrices multiply bfloat16 or float16 and sum in float32.</source>
        <translation>各层与矩阵乘积以 bfloat16 或 float16 相乘，以 float32 累加。</translation>
    </message>
    <message>
        <source>Number type</source>
        <translation>数值类型</translation>
    </message>
    <message>
        <source>Computes in</source>
        <translation>计算精度</translation>
    </message>
    <message>
        <source>BFloat16 (AMX)</source>
        <translation>BFloat16（AMX）</translation>
    </message>
    <message>
        <source>Float32</source>
        <translation>Float32</translation>
    </message>
    <message>
        <source>Filters, 1x1</source>
        <translation>滤波器、1x1</translation>
    </message>
    <message>
        <source>1x1, filters</source>
        <translation>1x1、滤波器</translation>
    </message>
    <message>
        <source>Tucker</source>
        <translation>Tucker</translation>
    </message>
    <message>
        <source>CP (depthwise)</source>
        <translation>CP（深度卷积）</translation>
    </message>
    <message>
        <source>Latency (measured)</source>
        <translation>延迟（实测）</translation>
    </message>
</context>
<context>
    <name>Task</name>
    <message>
        <source>no labels</source>
        <translation>无标签</translation>
    </message>
    <message>
        <source>classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>yes or no</source>
        <translation>是或否</translation>
    </message>
    <message>
        <source>several labels</source>
        <translation>多标签</translation>
    </message>
    <message>
        <source>numbers</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>pixels</source>
        <translation>像素</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>词元</translation>
    </message>
    <message>
        <source>pairs of embeddings</source>
        <translation>嵌入对</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>No model</source>
        <translation>未打开模型</translation>
    </message>
    <message>
        <source>%1 parameters</source>
        <translation>%1 个参数</translation>
    </message>
    <message numerus="yes">
        <source>CPU · %n threads</source>
        <translation>
            <numerusform>CPU · %n 线程</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Run Comparison</source>
        <translation>运行比较</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>choose data…</source>
        <translation>请选择数据…</translation>
    </message>
    <message>
        <source>Random · %1</source>
        <translation>随机 · %1</translation>
    </message>
</context>
<context>
    <name>WelcomePage</name>
    <message>
        <source>Open %1</source>
        <translation>打开 %1</translation>
    </message>
    <message>
        <source>Makes neural networks cheaper to run: quantize, prune, fuse, compare, export.</source>
        <translation>让神经网络运行成本更低：量化、剪枝、融合、比较、导出。</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Open Sample</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>Your own model</source>
        <translation>您自己的模型</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近打开</translation>
    </message>
    <message>
        <source>Models that you open are listed here.</source>
        <translation>您打开的模型会列在这里。</translation>
    </message>
    <message>
        <source>A file of %1. Drop it anywhere on this window, or choose it. Looking at a model does not run it.</source>
        <translation>%1 文件。拖放到窗口任意位置，或选择文件。查看模型不会运行它。</translation>
    </message>
</context>
<context>
    <name>WhereEditor</name>
    <message numerus="yes">
        <source>%1 of %n layers</source>
        <translation>
            <numerusform>%n 层中的 %1 层</numerusform>
        </translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>patterns…</source>
        <translation>模式…</translation>
    </message>
    <message>
        <source>Patterns of layers</source>
        <translation>层的模式</translation>
    </message>
    <message>
        <source>layer2.*.conv1, !last</source>
        <translation>layer2.*.conv1, !last</translation>
    </message>
    <message>
        <source>Patterns with * and ?, with commas between them; ! takes layers away; first and last are the model&apos;s.</source>
        <translation>带 * 和 ? 的模式，用逗号分隔；! 表示排除；first 和 last 指模型的第一层和最后一层。</translation>
    </message>
</context>
<context>
    <name>Workbench</name>
    <message>
        <source>No model is open.</source>
        <translation>没有打开的模型。</translation>
    </message>
    <message>
        <source>Engine %1 with LibTorch %2 on %3 is ready.</source>
        <translation>引擎 %1（LibTorch %2，%3）已就绪。</translation>
    </message>
    <message>
        <source>A comparison is running.</source>
        <translation>正在进行比较。</translation>
    </message>
    <message>
        <source>Wait for it or cancel it, then open another model.</source>
        <translation>请等待它完成或取消它，然后打开其他模型。</translation>
    </message>
    <message>
        <source>Opening %1</source>
        <translation>正在打开 %1</translation>
    </message>
    <message>
        <source>Open a model or a sample first.</source>
        <translation>请先打开模型或示例。</translation>
    </message>
    <message>
        <source>Running the comparison</source>
        <translation>运行比较</translation>
    </message>
    <message>
        <source>The recipe is kept and a new engine is being started; you can run again.</source>
        <translation>配方已保留，正在启动新的引擎；您可以再次运行。</translation>
    </message>
    <message>
        <source>The recipe is kept. Open another model, or run again to start a new engine.</source>
        <translation>配方已保留。请打开其他模型，或再次运行以启动新的引擎。</translation>
    </message>
    <message>
        <source>Measuring again</source>
        <translation>重新测量</translation>
    </message>
</context>
<context>
    <name>Workspace</name>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Tables</source>
        <translation>表格</translation>
    </message>
</context>
<context>
    <name>lathe::views::ChartsPanel</name>
    <message>
        <source>The chart could not be written to %1: %2.</source>
        <translation>无法将图表写入 %1：%2。</translation>
    </message>
</context>
<context>
    <name>lathe::views::ExportFormats</name>
    <message>
        <source>&amp;HTML Report…</source>
        <translation>HTML 报告(&amp;H)…</translation>
    </message>
    <message>
        <source>HTML report</source>
        <translation>HTML 报告</translation>
    </message>
    <message>
        <source>The selected runs, or else the last comparison, in one file that any browser shows.</source>
        <translation>所选的运行，或者最近一次比较，都在一个文件中，任何浏览器都能打开。</translation>
    </message>
    <message>
        <source>&amp;Recipe…</source>
        <translation>配方(&amp;R)…</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>配方</translation>
    </message>
    <message>
        <source>The steps as a JSON file, for this window and lathe-cli run.</source>
        <translation>以 JSON 文件保存的步骤，可用于本窗口和 lathe-cli run。</translation>
    </message>
    <message>
        <source>%1 or %2</source>
        <extracomment>The last of a list: &quot;TorchScript, torch.export or ONNX&quot;</extracomment>
        <translation>%1 或 %2</translation>
    </message>
    <message>
        <source>, </source>
        <comment>between names</comment>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>lathe::views::FigureWords</name>
    <message>
        <source>%1, %2</source>
        <comment>figure, unit</comment>
        <translation>%1，%2</translation>
    </message>
    <message>
        <source>%1 points</source>
        <translation>%1 个百分点</translation>
    </message>
    <message>
        <source>identical</source>
        <translation>完全相同</translation>
    </message>
    <message>
        <source>not reliable</source>
        <translation>不可靠</translation>
    </message>
    <message>
        <source>%1 (not reliable)</source>
        <translation>%1（不可靠）</translation>
    </message>
</context>
<context>
    <name>lathe::views::LayersChart</name>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>median time of one call, µs</source>
        <translation>单次调用时间中位数，µs</translation>
    </message>
    <message>
        <source>Loss of the weights</source>
        <translation>权重损失</translation>
    </message>
    <message>
        <source>½‖θ−θ̂‖² of the weights</source>
        <translation>权重的 ½‖θ−θ̂‖²</translation>
    </message>
    <message>
        <source>SQNR</source>
        <translation>SQNR</translation>
    </message>
    <message>
        <source>signal to quantization noise, dB</source>
        <translation>信号与量化噪声之比，dB</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>parameters</source>
        <translation>参数量</translation>
    </message>
    <message>
        <source>MACs</source>
        <translation>MAC 数</translation>
    </message>
    <message>
        <source>multiply-accumulates</source>
        <translation>MAC 数</translation>
    </message>
</context>
<context>
    <name>lathe::views::NumberText</name>
    <message>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <source>MACs unknown</source>
        <translation>MAC 未知</translation>
    </message>
    <message numerus="yes">
        <source>≥ %1, %n layers unknown</source>
        <extracomment>%1 is a number of multiply-accumulates, which is only a part of all: the shapes of some layers are not known</extracomment>
        <translation>
            <numerusform>≥ %1，%n 层未知</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lathe::views::PruneWords</name>
    <message>
        <source>The step leaves this layer out.</source>
        <translation>该步骤不处理此层。</translation>
    </message>
    <message>
        <source>Its channels cannot be removed.</source>
        <translation>其通道无法去除。</translation>
    </message>
</context>
<context>
    <name>lathe::views::RunText</name>
    <message>
        <source>Not reliable: %1 Measure it again when the machine has nothing else to do.</source>
        <translation>不可靠：%1请在机器空闲时重新测量。</translation>
    </message>
    <message>
        <source>not reliable</source>
        <translation>不可靠</translation>
    </message>
    <message>
        <source>no significant difference</source>
        <translation>无显著差异</translation>
    </message>
    <message>
        <source>%1× (%2–%3)</source>
        <comment>ratio and its 95 % interval</comment>
        <translation>%1× (%2–%3)</translation>
    </message>
    <message>
        <source>identical</source>
        <translation>完全相同</translation>
    </message>
</context>
</TS>
