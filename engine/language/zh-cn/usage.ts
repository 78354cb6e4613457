/** What `backstep --help` prints, in Simplified Chinese. */
export const USAGE_IN_CHINESE = `用法：
  backstep run FILE [--json] [--values] [--record OUT.backstep [--keep K]] [--log OUT] [-- ARGUMENT ...]
      运行模型文件，并打印每次反向传播：损失、节点、梯度范数。
  backstep check FILE [--json] [--pass N|all | --most N] [--mode M] [--record OUT.backstep] [-- ARGUMENT ...]
      将每个算子和每个参数与有限差分比较：默认在每种不同结构的第一次传播中（算子相同、连接方式相同，数据大小不限），
      用 --pass 则在该次传播中（从 0 数起），或在所有传播中。
  backstep diagnose FILE|FOLDER [--json] [--record OUT.backstep] [-- ARGUMENT ...]
      运行模型文件，并说明在每个梯度都正确的情况下训练有什么问题：docs/findings.md 列出各种问题。
      对于一个文件夹的录制（训练的每个 rank 一份），说明各 rank 在何处不一致。
  backstep show FILE.backstep|FOLDER [--json]
      打印录制的内容：保留的每次传播，以及得出的判定。对于文件夹，打印同一次运行所有 rank 的录制的内容。
  backstep compare A.backstep B.backstep [--json] [--tolerance X] [--pass N | --pass N,M]
      逐个节点比较两份录制，或一份录制中的两次传播：值、梯度、形状，以及只有一方有的算子。默认比较双方都有的传播。
      可用 LOG.json 代替 B：PyTorch 的 DebugMode 对同一程序的运行所保存的日志（在 log_tensor_hashes() 中用
      DebugMode.save_logs 保存）。
  backstep export FILE --to trace|model-explorer OUT.json [--pass N] [-- ARGUMENT ...]
      将录制中的一次传播，或程序运行到的一次传播，写给其他工具：其前向和反向，作为 Perfetto 和 Chrome 的跟踪；
      或其计算图，供 Model Explorer 使用，梯度范数和判定作为节点数据写在旁边（OUT.gradient-norm.json、
      OUT.verdicts.json）。默认为程序的第一次传播，录制的最后一次传播。
      对于各 rank 录制的文件夹，跟踪中每个 rank 是一个进程。
  backstep mcp [FOLDER ...] [--python EXE]
      通过标准流以 Model Context Protocol 为助手服务，限于这些文件夹（默认为当前文件夹）中的文件：运行、检查、诊断、
      读取传播和节点。它自己不写任何文件。

  FILE 是 .ts、.js 或 .py 文件。Python 文件由 --python 指定的 Python 运行，否则由其旁边或上级的 .venv 中的 Python，
  再否则由 PATH 上的 python3 运行；该 Python 必须装有 torch。

  --python EXE  运行 .py 文件所用的 Python
  -m MODULE   代替 FILE：一个 Python 模块
  --ranks N   用于 Python 文件的 run 和 diagnose：N 个一起训练的进程，如同 torchrun 在一台机器上启动它们；
              在所有进程上必须相等的，或必须为它们平均值的，都会相互核对。
              您自己的 torchrun 也一样：backstep run -- torchrun --nproc-per-node 2 train.py
              用 --record FOLDER/NAME.backstep 时，每个 rank 在自己的机器上写 FOLDER/NAME.rank0of2.backstep 等；
              收集到一个文件夹后可作为一体打开。
  --json      打印一个 JSON 对象，为英文
  --values    用于 run --json：同时打印每个梯度的元素
  --most N    用于 check：最多 N 种结构（默认 100）；会说明遗漏了多少种
  --mode M    用于 check，比较每个参数的：sampled，部分元素，包括最大和最小的（默认）；full，每个元素；
              directional，沿随机方向一次比较全部；local，不比较：每个算子单独比较；other-inputs，同上，
              并且也在未记录过的输入上比较；second-order，每个算子的 backward 本身是否可微
  --record F  保存录制：用于 run 和 diagnose 时为最后几次传播，用于 check 时为被检查的传播及其判定
  --keep K    用于 run --record：最后 K 次传播（默认 10）
  --log OUT   用于 run：将训练日志（每次传播的损失、学习率、每个参数的范数）写到 OUT：以 .csv 结尾时为表格，
              否则为 TensorBoard 的文件夹
  --tolerance X
              用于 compare：从多大的相对差异起算作不同（默认 1e-5）
  --threads N 用 N 个线程计算
  --seed N    在文件运行之前设定随机数种子
  --language L
              使用英文（en）或简体中文（zh-cn）；默认为终端的语言（LC_ALL、LC_MESSAGES、LANG）

退出状态：0 正常，1 梯度或训练有误，或录制不同，2 文件无法运行或读取。读取方关闭管道时（如 head），若此前已发现错误
则为 1，若尚未全部比较完则为 2。
`;
