import { describe, expect, it } from "vitest";
import { splitCommand } from "./split-command.ts";

const cases: readonly [string, string[]][] = [
  ["/bin/sh", ["/bin/sh"]],
  ["  ls   -la\t/tmp\n", ["ls", "-la", "/tmp"]],
  ["/bin/sh -c 'echo a | cat'", ["/bin/sh", "-c", "echo a | cat"]],
  ['sh -c "echo \\"x\\" $HOME"', ["sh", "-c", 'echo "x" $HOME']],
  ["echo a\\ b 'c'\"d\"e ''", ["echo", "a b", "cde", ""]],
  ["echo 'it'\\''s'", ["echo", "it's"]],
  ["echo a | cat > b", ["echo", "a", "|", "cat", ">", "b"]],
  ["echo a # the rest", ["echo", "a"]],
  ["echo a#b", ["echo", "a#b"]],
  ["# nothing", []],
  ["", []],
];

describe("a command taken apart", () => {
  it.each(cases)("%s: its words", (command, words) => {
    expect(splitCommand(command)).toEqual({ type: "words", words });
  });

  it.each([
    ["echo 'a", "EOF found when expecting closing quote"],
    ['echo "a', "EOF found when expecting closing quote"],
    ["echo \\", "EOF found after escape character"],
  ])("%s: unfinished", (command, reason) => {
    expect(splitCommand(command)).toEqual({ type: "unfinished", reason });
  });
});
