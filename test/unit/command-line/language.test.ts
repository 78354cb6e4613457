import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { scriptOf } from "../../programs.ts";

const CLI = scriptOf("command line");
const wrong = fileURLToPath(new URL("../../oracle/cli/wrong-function.ts", import.meta.url));

/** What a command prints in a terminal of this language. */
function printed(locale: string, ...args: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  const env = { ...process.env, LC_ALL: "", LC_MESSAGES: "", LANG: locale };
  return spawnSync(process.execPath, [CLI, ...args], { encoding: "utf8", env });
}

describe("the command line", function () {
  this.timeout(30_000);

  it("speaks the language of the terminal: of a mistake in its sentence, and all of its usage when it is asked for", () => {
    const mistaken = (locale: string): string => printed(locale, "run", "gone.ts").stderr;
    assert.equal(mistaken("zh_CN.UTF-8"), "backstep: 没有文件 gone.ts\n更多说明见 backstep --help\n");
    assert.equal(mistaken("C"), "backstep: there is no file gone.ts\nbackstep --help says more\n");
    assert.match(printed("zh_CN.UTF-8", "--help").stdout, /^用法：\n/u);
    assert.match(printed("C", "--help").stdout, /^Usage:\n/u);
  });

  it("says in words why a file cannot be read, be it the program or what that imports", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "backstep-circle-"));
    const circle = path.join(folder, "circle.ts");
    await symlink("circle.ts", circle);
    const importing = path.join(folder, "importing.ts");
    await writeFile(importing, 'import "./circle.ts";\n');
    const reason = `${circle} cannot be read: its links lead in a circle\n`;
    assert.equal(printed("C", "run", circle).stderr, `backstep: ${reason}backstep --help says more\n`);
    assert.equal(printed("C", "run", importing).stderr, reason);
    assert.equal(printed("zh_CN.UTF-8", "run", importing).stderr, `无法读取 ${circle}：它的链接形成了循环\n`);
    await rm(folder, { recursive: true });
  });

  it("speaks the language that is asked for: verdicts, causes, columns that stand under each other", () => {
    const { stdout } = printed("C", "check", wrong, "--language", "zh-cn");
    const [title = "", heads = "", ...rows] = stdout.split("\n");
    assert.match(title, /^第 0 次传播，损失 /u);
    assert.match(heads, /解析值 +数值 +误差范围 +相对误差 +位置$/u);
    const failed = rows.findIndex((row) => row.startsWith("错误"));
    assert.ok(failed >= 0, stdout);
    // Characters of Chinese are two columns wide.
    const columns = (text: string): number => text.replace(/[\p{Script=Han}，]/gu, "..").length;
    assert.equal(columns(heads.slice(0, heads.indexOf("位置"))), columns(/^.* (?=\S+$)/u.exec(rows[failed]!)![0]));
    assert.match(rows[failed + 1]!, /\p{Script=Han}/u);
  });

  it("refuses a language that it does not speak", () => {
    assert.match(printed("C", "run", wrong, "--language", "fr").stderr, /--language takes en, zh-cn, not "fr"/u);
  });

  it("gives programs the engine's own words whatever the terminal speaks", () => {
    const { stdout } = printed("zh_CN.UTF-8", "check", wrong, "--json");
    assert.doesNotMatch(stdout, /\p{Script=Han}/u);
  });
});
